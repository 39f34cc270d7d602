public import Sodium

/// Collects plaintext in secret memory, up to a limit.
public struct SecretSink: ~Copyable, ByteSink {
    /// What was written so far.
    private var bytes: SecretBytes

    /// How many bytes it takes at most.
    private let limit: Int

    /// Takes at most `limit` bytes.
    public init(limit: Int) throws(AgeError) {
        self.limit = limit
        self.bytes = try mapError(AgeError.memory, SecretBytes(minimumCapacity: 0))
    }

    /// Adds bytes at the end.
    ///
    /// - Throws: `tooLarge` where they go past the limit; `memory`.
    public mutating func write(_ bytes: Span<UInt8>) throws(AgeError) {
        guard bytes.count <= limit - self.bytes.count else { throw .tooLarge(limit: limit) }
        try mapError(AgeError.memory, self.bytes.append(bytes))
    }

    /// Takes out what was written.
    public consuming func finish() -> SecretBytes {
        bytes
    }
}
