public import Sodium

/// The bytes of secret memory: a plaintext to encrypt.
public struct SecretSource: ~Copyable, ByteSource {
    /// All of the bytes.
    private let bytes: SecretBytes

    /// The index of the next byte.
    private var position = 0

    /// Reads from the first byte of `bytes` on, and keeps them for as long as it lives.
    public init(_ bytes: consuming SecretBytes) {
        self.bytes = bytes
    }

    /// Reads a copy of `bytes`.
    public init(copying bytes: Span<UInt8>) throws(AgeError) {
        self.bytes = try mapError(AgeError.memory, SecretBytes(copying: bytes))
    }

    /// See `ByteSource`.
    public mutating func read(into buffer: inout MutableSpan<UInt8>) throws(AgeError) -> Int {
        let count = bytes.copy(from: position, into: &buffer)
        position += count
        return count
    }
}
