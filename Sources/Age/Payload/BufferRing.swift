import Sodium

/// Buffers for chunks that are used in turn, and made when they are needed.
struct BufferRing {
    private let chunkSize: Int
    private let isSecret: Bool
    private var buffers: [ChunkBuffer?]
    private var position = 0

    /// Makes no buffer yet.
    ///
    /// - Parameters:
    ///   - count: how many there are.
    ///   - chunkSize: in bytes.
    ///   - isSecret: whether they hold plaintext.
    init(count: Int, chunkSize: Int, isSecret: Bool) {
        buffers = Array(repeating: nil, count: count)
        self.chunkSize = chunkSize
        self.isSecret = isSecret
    }

    /// The next buffer, with room for `size` bytes; what it holds is of no use.
    mutating func next(size: Int) throws(AgeError) -> ChunkBuffer {
        position = (position + 1) % buffers.count
        if let buffer = buffers[position], buffer.count >= size { return buffer }
        let buffer = try mapError(
            AgeError.memory,
            ChunkBuffer(count: size, chunkSize: chunkSize, isSecret: isSecret)
        )
        buffers[position] = buffer
        return buffer
    }
}
