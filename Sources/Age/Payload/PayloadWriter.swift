import Sodium

/// Seals the chunks of a payload: the first alone, since most files have no other, then many at once.
///
/// Meanwhile the chunks before them are written, and the next ones are read. What was written to a sink that can be read is
/// read back then, and its tags are checked.
struct PayloadWriter: ~Copyable {
    /// Chunks that are not sealed yet.
    private struct Plaintext {
        let chunks: Int
        let buffer: ChunkBuffer

        /// How many bytes the chunks have.
        private(set) var size = 0

        /// Whether another chunk follows, whose first byte was read, too.
        private(set) var hasMore = false

        /// Reads until the chunks are full or the source ends.
        ///
        /// - Parameter previous: the chunks before them, if there are any.
        mutating func fill<Source: ByteSource & ~Copyable>(
            after previous: Plaintext?,
            from source: inout Source
        ) throws(AgeError) {
            let limit = chunks * Payload.chunkSize
            let count = try buffer.withFirst(limit + 1) { (bytes) throws(AgeError) in
                var count = previous?.copyLookahead(into: &bytes) ?? 0
                while count < bytes.count {
                    var room = bytes._mutatingExtracting(droppingFirst: count)
                    let more = try source.read(into: &room)
                    guard more >= 0, more <= room.count else { throw AgeError.source(errno: ErrorNumber.io) }
                    if more == 0 { break }
                    count += more
                }
                return count
            }
            size = min(count, limit)
            hasMore = count > limit
        }

        /// Copies the first byte of the next chunk, and returns how many bytes that is.
        private func copyLookahead(into bytes: inout MutableSpan<UInt8>) -> Int {
            buffer.copy(from: chunks * Payload.chunkSize, count: 1, into: &bytes)
        }
    }

    /// Sealed chunks that follow one another.
    private struct Batch {
        let plaintext: Plaintext
        let sealed: ChunkBuffer
        let nonces: [ChaCha20Poly1305.Nonce]

        /// Where they are in the sink, counted from the first chunk.
        let offset: Int

        var size: Int { plaintext.size + nonces.count * ChaCha20Poly1305.tagSize }

        /// Seals a chunk.
        func seal(_ index: Int, _ key: borrowing SecretBytes) throws(AgeError) {
            let size = plaintextSize(of: index)
            try plaintext.buffer.withChunk(index, count: size) { (plaintext) throws(AgeError) in
                try sealed.withChunk(index, count: size + ChaCha20Poly1305.tagSize) { (sealed) throws(AgeError) in
                    try mapError(
                        AgeError.memory,
                        ChaCha20Poly1305.seal(plaintext.span, key: key.span, nonce: nonces[index], into: &sealed)
                    )
                }
            }
        }

        /// Writes the chunks.
        func write<Sink: ByteSink & ~Copyable>(to sink: inout Sink) throws(AgeError) {
            try sealed.withFirst(size) { (bytes) throws(AgeError) in try sink.write(bytes.span) }
        }

        /// Reads a chunk that was written, and checks its tag.
        ///
        /// - Throws: `notReadBack`, `sink`.
        func check(_ index: Int, _ key: borrowing SecretBytes, _ reader: any SinkReader) throws(AgeError) {
            let size = plaintextSize(of: index) + ChaCha20Poly1305.tagSize
            try sealed.withChunk(index, count: size) { (chunk) throws(AgeError) in
                try reader.read(into: &chunk, at: offset + index * Payload.sealedSize)
                do throws(SodiumError) {
                    try ChaCha20Poly1305.authenticate(chunk.span, key: key.span, nonce: nonces[index])
                } catch {
                    throw .notReadBack
                }
            }
        }

        /// The size of a chunk without its tag.
        private func plaintextSize(of index: Int) -> Int {
            min(Payload.chunkSize, plaintext.size - index * Payload.chunkSize)
        }
    }

    private let key: SecretBytes
    private let reader: (any SinkReader)?
    private var counter = ChunkCounter()
    private var offset = 0

    // One is read while the other is sealed.
    private var plaintexts = BufferRing(count: 2, chunkSize: Payload.chunkSize, isSecret: true)

    // One is sealed, one written, and one read back if the sink can be read.
    private var ciphertexts: BufferRing

    /// Writes a new nonce, and encrypts the whole source.
    ///
    /// - Throws: `notReadBack`, `memory`; what source and sink throw.
    static func encrypt<Source: ByteSource & ~Copyable, Sink: ByteSink & ~Copyable>(
        from source: inout Source,
        to sink: inout Sink,
        with fileKey: borrowing FileKey
    ) throws(AgeError) {
        let nonce = try mapError(AgeError.memory, Random.bytes(count: Payload.nonceSize))
        let key = try fileKey.payloadKey(nonce: nonce.span)
        try sink.write(nonce.span)
        var writer = PayloadWriter(key: key, reader: sink.reader)
        try writer.write(from: &source, to: &sink)
    }

    private init(key: consuming SecretBytes, reader: (any SinkReader)?) {
        self.key = key
        self.reader = reader
        ciphertexts = BufferRing(count: reader == nil ? 2 : 3, chunkSize: Payload.sealedSize, isSecret: false)
    }

    private mutating func write<Source: ByteSource & ~Copyable, Sink: ByteSink & ~Copyable>(
        from source: inout Source,
        to sink: inout Sink
    ) throws(AgeError) {
        var first = try makePlaintext(chunks: 1)
        try first.fill(after: nil, from: &source)
        var plaintext: Plaintext? = first
        var (sealed, written): (Batch?, Batch?) = (nil, nil)
        while plaintext != nil || sealed != nil || written != nil {
            let batch = try makeBatch(of: plaintext)
            let current = plaintext
            var next = current?.hasMore == true ? try makePlaintext(chunks: Payload.batchCount) : nil
            try share(sealing: batch, checking: written) { () throws(AgeError) in
                try sealed?.write(to: &sink)
                try next?.fill(after: current, from: &source)
            }
            (plaintext, sealed, written) = (next, batch, reader == nil ? nil : sealed)
        }
    }

    private mutating func makePlaintext(chunks: Int) throws(AgeError) -> Plaintext {
        Plaintext(chunks: chunks, buffer: try plaintexts.next(size: chunks * Payload.chunkSize + 1))
    }

    /// Prepares sealing; nil for nil.
    private mutating func makeBatch(of plaintext: Plaintext?) throws(AgeError) -> Batch? {
        guard let plaintext else { return nil }
        let chunks = max(1, (plaintext.size + Payload.chunkSize - 1) / Payload.chunkSize)
        let batch = Batch(
            plaintext: plaintext,
            sealed: try ciphertexts.next(size: plaintext.chunks * Payload.sealedSize),
            nonces: try counter.next(chunks, endsWithLast: !plaintext.hasMore),
            offset: offset
        )
        offset += batch.size
        return batch
    }

    /// Seals chunks and checks others on all processors, and does on this thread what only it may do.
    private func share(
        sealing batch: Batch?,
        checking written: Batch?,
        beside: () throws(AgeError) -> Void
    ) throws(AgeError) {
        let count = batch?.nonces.count ?? 0
        try Payload.share(count + (written?.nonces.count ?? 0), beside: beside) { (index) throws(AgeError) in
            if index < count {
                try batch?.seal(index, key)
            } else if let reader {
                try written?.check(index - count, key, reader)
            }
        }
    }
}
