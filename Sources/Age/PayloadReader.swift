import Sodium

/// Opens the chunks of a payload one after the other.
struct PayloadReader: ~Copyable {
    private let key: SecretBytes
    private var plaintext: SecretBytes
    private var count = 0
    private var counter = ChunkCounter()
    private var hasEnded = false

    /// Reads the nonce that a payload begins with.
    ///
    /// - Throws: `header` where it is not whole; `memory`; what the source throws.
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
        // One byte more than a chunk: whether a chunk is the last one is known by what follows it, never by trying.
        try input.fill(from: &source, atLeast: Payload.sealedSize + 1)
        let size = max(min(input.count, Payload.sealedSize) - ChaCha20Poly1305.tagSize, 0)
        plaintext = try mapError(AgeError.memory, SecretBytes(count: size))
        self.key = key
    }

    /// Hands the chunk that was opened last, authenticated, to a sink.
    func write<Sink: ByteSink & ~Copyable>(to sink: inout Sink) throws(AgeError) {
        try sink.write(plaintext.span.extracting(first: count))
    }

    /// Copies of the chunk that was opened last what is behind `offset` and fits.
    ///
    /// - Returns: how many bytes those are.
    func copy(from offset: Int, into buffer: inout MutableSpan<UInt8>) -> Int {
        var room = buffer._mutatingExtracting(first: max(min(buffer.count, count - offset), 0))
        return plaintext.copy(from: offset, into: &room)
    }

    /// Opens the next chunk.
    ///
    /// - Returns: false behind the last one.
    /// - Throws: `payload`; what the source throws.
    mutating func next<Source: ByteSource & ~Copyable>(
        _ input: inout Input,
        from source: inout Source
    ) throws(AgeError) -> Bool {
        if hasEnded { return false }
        if !counter.isFirst { try input.fill(from: &source, atLeast: Payload.sealedSize + 1) }
        hasEnded = input.count <= Payload.sealedSize
        let sealed = min(input.count, Payload.sealedSize)
        guard sealed >= ChaCha20Poly1305.tagSize else { throw .payload(reason: "the file is truncated") }
        count = sealed - ChaCha20Poly1305.tagSize
        guard count > 0 || counter.isFirst else { throw .payload(reason: "the last chunk is empty") }
        let isLast = hasEnded
        let nonce = try counter.next(isLast: isLast)
        do throws(SodiumError) {
            let chunk = input.buffer.span.extracting(input.start..<input.start + sealed)
            try Self.open(chunk, key, nonce, into: &plaintext)
        } catch .authentication {
            throw .payload(reason: "a chunk is damaged, forged, or the last one is missing")
        } catch {
            throw .memory(error)
        }
        input.consume(sealed)
        return true
    }

    private static func open(
        _ chunk: Span<UInt8>,
        _ key: borrowing SecretBytes,
        _ nonce: ChaCha20Poly1305.Nonce,
        into plaintext: inout SecretBytes
    ) throws(SodiumError) {
        var output = plaintext.mutableSpan
        try ChaCha20Poly1305.open(chunk, key: key.span, nonce: nonce, into: &output)
    }
}
