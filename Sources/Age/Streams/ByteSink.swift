/// A stream that takes authenticated plaintext, or ciphertext.
public protocol ByteSink: ~Copyable {
    /// Takes all of `bytes`, or fails.
    mutating func write(_ bytes: Span<UInt8>) throws(AgeError)
}
