import Age

/// Collects bytes that are no secret in an array: a ciphertext.
public struct ByteArraySink: ByteSink {
    /// What was written so far.
    public private(set) var bytes: [UInt8] = []

    /// Begins empty.
    public init() {}

    /// See `ByteSink`.
    public mutating func write(_ bytes: Span<UInt8>) throws(AgeError) {
        self.bytes.reserveCapacity(self.bytes.count + bytes.count)
        for index in bytes.indices { self.bytes.append(bytes[index]) }
    }
}
