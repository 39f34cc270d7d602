import Sodium

/// Opens the chunks of a payload: the first alone, since most files have no other, then many at once.
struct PayloadReader: ~Copyable {
    /// The cipher of the chunks.
    let key: PayloadKey

    private var plaintext: SecretBytes
    private var count = 0
    private var counter = ChunkCounter()
    private var hasEnded = false

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
        plaintext = try mapError(AgeError.memory, SecretBytes(count: size))
        self.key = key
    }

    /// Writes the last opened chunks, which are authenticated, to a sink.
    func write<Sink: ByteSink & ~Copyable>(to sink: inout Sink) throws(AgeError) {
        try sink.write(plaintext.span.extracting(first: count))
    }

    /// Copies what fits of the last opened chunks, from `offset` on.
    ///
    /// - Returns: the number of bytes copied.
    func copy(from offset: Int, into buffer: inout MutableSpan<UInt8>) -> Int {
        var room = buffer._mutatingExtracting(first: max(min(buffer.count, count - offset), 0))
        return plaintext.copy(from: offset, into: &room)
    }

    /// Opens the next chunks.
    ///
    /// - Returns: false after the last one.
    /// - Throws: `payload`; what the source throws.
    mutating func next<Source: ByteSource & ~Copyable>(
        _ input: inout Input,
        from source: inout Source
    ) throws(AgeError) -> Bool {
        if let failure { throw failure }
        if hasEnded { return false }
        let isFirst = counter.isFirst
        let most = isFirst ? Payload.sealedSize : Payload.batchCount * Payload.sealedSize
        if !isFirst { try input.fill(from: &source, atLeast: most + 1) }
        hasEnded = input.count <= most
        let sealed = usable(of: min(input.count, most), isFirst)
        let chunks = (sealed + Payload.sealedSize - 1) / Payload.sealedSize
        guard chunks > 0 else { throw failure ?? .payload(reason: "the file is truncated") }
        let nonces = try counter.next(chunks, endsWithLast: hasEnded && failure == nil)
        let authentic = try mapError(AgeError.memory) { () throws(SodiumError) in
            let bytes = input.buffer.span.extracting(input.start..<input.start + sealed)
            return try Self.open(bytes, key.bytes, nonces, into: &plaintext)
        }
        input.consume(sealed)
        count = min(authentic * Payload.chunkSize, sealed - chunks * ChaCha20Poly1305.tagSize)
        guard authentic < chunks else { return true }
        let damage = AgeError.payload(reason: "a chunk is damaged, forged, or the last one is missing")
        failure = damage
        guard authentic > 0 else { throw damage }
        return true
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

    private static func open(
        _ chunks: Span<UInt8>,
        _ key: borrowing SecretBytes,
        _ nonces: [ChaCha20Poly1305.Nonce],
        into plaintext: inout SecretBytes
    ) throws(SodiumError) -> Int {
        let size = chunks.count - nonces.count * ChaCha20Poly1305.tagSize
        if plaintext.count < size { plaintext = try SecretBytes(count: size) }
        var output = plaintext.mutableSpan
        return try ChaCha20Poly1305.open(
            chunksOf: Payload.sealedSize,
            in: chunks,
            key: key.span,
            nonces: nonces,
            into: &output
        )
    }
}
