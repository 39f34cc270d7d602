import Age

/// Drops what it is given: decrypting into it says whether a file is whole.
public struct DiscardingSink: ByteSink {
    /// How many bytes were dropped.
    public private(set) var count = 0

    /// Begins with nothing dropped.
    public init() {}

    /// See `ByteSink`.
    public mutating func write(_ bytes: Span<UInt8>) throws(AgeError) {
        count &+= bytes.count
    }
}
