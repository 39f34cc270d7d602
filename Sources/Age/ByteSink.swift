/// Where authenticated plaintext, or ciphertext, goes.
public protocol ByteSink: ~Copyable {
    /// Takes all of `bytes`, or fails.
    mutating func write(_ bytes: Span<UInt8>) throws(AgeError)
}
