import Age

/// Discards what is written: decrypting into it shows whether a file is intact.
public struct DiscardingSink: ByteSink {
    /// The number of discarded bytes.
    public private(set) var count = 0

    /// A sink that has discarded nothing yet.
    public init() {}

    public mutating func write(_ bytes: Span<UInt8>) throws(AgeError) {
        count &+= bytes.count
    }
}
