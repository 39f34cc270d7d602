import Sodium

/// Opens the chunks of a payload: the first alone, since most files have no other, then many at once.
///
/// Meanwhile the next ones are read, and those before them are written.
struct PayloadReader: ~Copyable {
    /// The cipher of the chunks.
    let key: PayloadKey

    private var counter = ChunkCounter()
    private var hasEnded = false

    /// The last opened chunks.
    private var plaintext: ChunkBuffer
    private var count = 0

    // One is opened while the other is written.
    private var plaintexts = BufferRing(count: 2, chunkSize: Payload.chunkSize, isSecret: true)
    private var ciphertexts = BufferRing(count: 1, chunkSize: Payload.sealedSize, isSecret: false)

    /// The error after the last opened chunks.
    private var failure: AgeError?

    /// Reads the nonce at the start of a payload.
    ///
    /// - Throws: `header` if it is cut short; `memory`; what the source throws.
    init<Source: ByteSource & ~Copyable>(
        _ input: inout Input,
        from source: inout Source,
        with fileKey: borrowing FileKey
    ) throws(AgeError) {
        try input.fill(from: &source, atLeast: Payload.nonceSize)
        guard input.count >= Payload.nonceSize else { throw .header(reason: "the file ends before the payload") }
        let start = input.start
        let key = try fileKey.payloadKey(nonce: input.buffer.span.extracting(start..<start + Payload.nonceSize))
        input.consume(Payload.nonceSize)
        try self.init(&input, from: &source, again: PayloadKey(key, offset: input.consumed))
    }

    /// Starts after the nonce, for a payload whose key is known.
    ///
    /// - Throws: `memory`; what the source throws.
    init<Source: ByteSource & ~Copyable>(
        _ input: inout Input,
        from source: inout Source,
        again key: PayloadKey
    ) throws(AgeError) {
        // One byte more than a chunk: what follows shows whether it is the last one; both are never tried.
        try input.fill(from: &source, atLeast: Payload.sealedSize + 1)
        let size = max(min(input.count, Payload.sealedSize) - ChaCha20Poly1305.tagSize, 0)
        plaintext = try plaintexts.next(size: size)
        self.key = key
    }

    /// Opens all chunks, and writes those that are authentic to a sink.
    ///
    /// - Throws: `payload`, when those before the damage are written; `memory`; what source and sink throw.
    mutating func write<Source: ByteSource & ~Copyable, Sink: ByteSink & ~Copyable>(
        _ input: inout Input,
        from source: inout Source,
        to sink: inout Sink
    ) throws(AgeError) {
        var isOpened = true
        while isOpened {
            let (opened, size) = (plaintext, count)
            var isWritten = false
            var failure: AgeError?
            do throws(AgeError) {
                isOpened = try next(&input, from: &source) { () throws(AgeError) in
                    isWritten = true
                    try Self.write(opened, size, to: &sink)
                }
            } catch {
                failure = error
            }
            if !isWritten { try Self.write(opened, size, to: &sink) }
            if let failure { throw failure }
        }
    }

    private static func write<Sink: ByteSink & ~Copyable>(
        _ opened: ChunkBuffer,
        _ size: Int,
        to sink: inout Sink
    ) throws(AgeError) {
        guard size > 0 else { return }
        try opened.withFirst(size) { (bytes) throws(AgeError) in try sink.write(bytes.span) }
    }

    /// Copies what fits of the last opened chunks, from `offset` on.
    ///
    /// - Returns: the number of bytes copied.
    func copy(from offset: Int, into buffer: inout MutableSpan<UInt8>) -> Int {
        plaintext.copy(from: offset, count: count - offset, into: &buffer)
    }

    /// Opens the next chunks, and reads those after them.
    ///
    /// - Parameter beside: runs on this thread meanwhile, unless there is one chunk or none, or the source fails first.
    /// - Returns: false after the last one.
    /// - Throws: `payload`, `memory`; what `beside` and the source throw; the same error again in each later call.
    mutating func next<Source: ByteSource & ~Copyable>(
        _ input: inout Input,
        from source: inout Source,
        beside: () throws(AgeError) -> Void = {}
    ) throws(AgeError) -> Bool {
        if let failure { throw failure }
        if hasEnded { return false }
        do throws(AgeError) {
            try openNext(&input, from: &source, beside)
            return true
        } catch {
            (count, failure) = (0, error)
            throw error
        }
    }

    private mutating func openNext<Source: ByteSource & ~Copyable>(
        _ input: inout Input,
        from source: inout Source,
        _ beside: () throws(AgeError) -> Void
    ) throws(AgeError) {
        let isFirst = counter.isFirst
        let most = isFirst ? Payload.sealedSize : Payload.batchCount * Payload.sealedSize
        if !isFirst { try input.fill(from: &source, atLeast: most + 1) }
        hasEnded = input.count <= most
        let size = usable(of: min(input.count, most), isFirst)
        let chunks = (size + Payload.sealedSize - 1) / Payload.sealedSize
        guard chunks > 0 else { throw failure ?? .payload(reason: "the file is truncated") }
        let nonces = try counter.next(chunks, endsWithLast: hasEnded && failure == nil)
        let authentic: Int
        if isFirst {
            authentic = try openFirst(input.buffer, input.start..<input.start + size, nonces[0]) ? 1 : 0
            input.consume(size)
        } else {
            let sealed = try ciphertexts.next(size: size)
            sealed.fill(with: input.buffer.span.extracting(input.start..<input.start + size))
            input.consume(size)
            plaintext = try plaintexts.next(size: chunks * Payload.chunkSize)
            var failureAhead: AgeError?
            authentic = try open(sealed, size, nonces) { () throws(AgeError) in
                try beside()
                do throws(AgeError) {
                    if !hasEnded { try input.fill(from: &source, atLeast: most + 1) }
                } catch {
                    failureAhead = error
                }
            }
            failure = failure ?? failureAhead
        }
        count = min(authentic * Payload.chunkSize, size - chunks * ChaCha20Poly1305.tagSize)
        guard authentic < chunks else { return }
        let damage = AgeError.payload(reason: "a chunk is damaged, forged, or the last one is missing")
        failure = damage
        guard authentic > 0 else { throw damage }
    }

    /// Returns how many of `size` bytes are chunks that can be opened, and keeps the error of the one after them.
    private mutating func usable(of size: Int, _ isFirst: Bool) -> Int {
        guard hasEnded else { return size }
        let last = size == 0 ? 0 : (size - 1) % Payload.sealedSize + 1
        if last < ChaCha20Poly1305.tagSize {
            failure = .payload(reason: "the file is truncated")
        } else if last == ChaCha20Poly1305.tagSize, !isFirst || size > last {
            failure = .payload(reason: "the last chunk is empty")
        } else {
            return size
        }
        return size - last
    }

    /// Opens the first chunk where it was read; returns whether it is authentic.
    private func openFirst(
        _ buffer: FallibleArray<UInt8>,
        _ range: Range<Int>,
        _ nonce: ChaCha20Poly1305.Nonce
    ) throws(AgeError) -> Bool {
        try plaintext.withFirst(range.count - ChaCha20Poly1305.tagSize) { (output) throws(AgeError) in
            try Self.open(buffer.span.extracting(range), key.bytes, nonce, into: &output)
        }
    }

    /// Opens chunks on all processors; returns how many are authentic, up to the first that is not.
    private func open(
        _ sealed: ChunkBuffer,
        _ size: Int,
        _ nonces: [ChaCha20Poly1305.Nonce],
        beside: () throws(AgeError) -> Void
    ) throws(AgeError) -> Int {
        let authentic = Guarded(nonces.count)
        try Payload.share(nonces.count, beside: beside) { (index) throws(AgeError) in
            let count = min(Payload.sealedSize, size - index * Payload.sealedSize)
            let isAuthentic = try sealed.withChunk(index, count: count) { (chunk) throws(AgeError) in
                try plaintext.withChunk(index, count: count - ChaCha20Poly1305.tagSize) { (output) throws(AgeError) in
                    try Self.open(chunk.span, key.bytes, nonces[index], into: &output)
                }
            }
            if !isAuthentic { authentic.withLock { $0 = min($0, index) } }
        }
        return authentic.withLock { $0 }
    }

    /// Opens a chunk; returns whether it is authentic.
    private static func open(
        _ chunk: Span<UInt8>,
        _ key: borrowing SecretBytes,
        _ nonce: ChaCha20Poly1305.Nonce,
        into output: inout MutableSpan<UInt8>
    ) throws(AgeError) -> Bool {
        do throws(SodiumError) {
            try ChaCha20Poly1305.open(chunk, key: key.span, nonce: nonce, into: &output)
            return true
        } catch .authentication {
            return false
        } catch {
            throw .memory(error)
        }
    }
}
