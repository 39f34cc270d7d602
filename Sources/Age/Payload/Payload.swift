import Sodium

/// The payload: chunks of 64 KiB, each sealed with a nonce of its number and whether it is the last.
///
/// C2SP age, section "Payload".
enum Payload {
    /// The size of the random nonce at the start of a payload.
    static let nonceSize = 16

    /// The plaintext size of a chunk; only the last may be smaller.
    static let chunkSize = 64 * 1024

    /// The number of chunks sealed or opened at once, after the first one: enough for several processors, and
    /// little memory.
    static let batchCount = 16

    /// The size of a full chunk with its tag.
    static let sealedSize = chunkSize + ChaCha20Poly1305.tagSize

    /// Writes a new nonce, and encrypts the whole source.
    static func encrypt<Source: ByteSource & ~Copyable, Sink: ByteSink & ~Copyable>(
        from source: inout Source,
        to sink: inout Sink,
        with fileKey: borrowing FileKey
    ) throws(AgeError) {
        let payloadNonce = try mapError(AgeError.memory, Random.bytes(count: nonceSize))
        let key = try fileKey.payloadKey(nonce: payloadNonce.span)
        try sink.write(payloadNonce.span)

        // One byte more than the chunks, which shows whether another one follows. Most files have one.
        var plaintext = try mapError(AgeError.memory, SecretBytes(count: chunkSize + 1))
        // Not secret, but an allocation of that size must be able to fail.
        var sealed = try mapError(AgeError.memory, SecretBytes(count: sealedSize))
        var counter = ChunkCounter()
        var count = 0
        while true {
            count = try fill(&plaintext, from: count, source: &source)
            let isLast = count < plaintext.count
            let ready = isLast ? count : count - 1
            let nonces = try counter.next(max(1, (ready + chunkSize - 1) / chunkSize), endsWithLast: isLast)
            try mapError(AgeError.memory) { () throws(SodiumError) in
                var output = sealed.mutableSpan
                let chunks = plaintext.span.extracting(first: ready)
                try ChaCha20Poly1305.seal(chunksOf: chunkSize, in: chunks, key: key.span, nonces: nonces, into: &output)
            }
            try sink.write(sealed.span.extracting(first: ready + nonces.count * ChaCha20Poly1305.tagSize))
            if isLast { return }
            let first = plaintext.span[ready]
            if counter.isAt(1) {
                plaintext = try mapError(AgeError.memory, SecretBytes(count: batchCount * chunkSize + 1))
                sealed = try mapError(AgeError.memory, SecretBytes(count: batchCount * sealedSize))
            }
            var bytes = plaintext.mutableSpan
            bytes[0] = first
            count = 1
        }
    }

    /// Reads until `buffer` is full or the source ends; it already holds `offset` bytes.
    ///
    /// - Returns: how many bytes it holds then.
    private static func fill<Source: ByteSource & ~Copyable>(
        _ buffer: inout SecretBytes,
        from offset: Int,
        source: inout Source
    ) throws(AgeError) -> Int {
        var offset = offset
        var whole = buffer.mutableSpan
        while offset < whole.count {
            var room = whole._mutatingExtracting(droppingFirst: offset)
            let count = try source.read(into: &room)
            guard count >= 0, count <= room.count else { throw .source(errno: ErrorNumber.io) }
            if count == 0 { break }
            offset += count
        }
        return offset
    }
}
