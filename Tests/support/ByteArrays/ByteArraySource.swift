import Age

/// Reads a ciphertext that is already in memory.
public struct ByteArraySource: ByteSource {
    private let bytes: [UInt8]

    /// The index of the next byte.
    private var position = 0

    /// Reads `bytes` from the start.
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    public mutating func read(into buffer: inout MutableSpan<UInt8>) throws(AgeError) -> Int {
        let count = min(buffer.count, bytes.count - position)
        let start = position
        for index in 0..<count { buffer[index] = bytes[start + index] }
        position += count
        return count
    }
}
