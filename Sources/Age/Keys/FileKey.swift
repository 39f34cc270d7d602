import Sodium

/// The key of one file, and what is derived from it (C2SP age, sections "File key", "Header MAC" and "Payload").
struct FileKey: ~Copyable {
    /// The length of a file key in bytes.
    static let size = 16

    /// The length of a file key that a stanza wraps.
    static let wrappedSize = size + ChaCha20Poly1305.tagSize

    /// The length of the header's MAC.
    static let macSize = HMACSHA256.size

    /// The 16 bytes.
    private let bytes: SecretBytes

    /// Takes a key of 16 bytes.
    private init(_ bytes: consuming SecretBytes) {
        self.bytes = bytes
    }

    /// A new key.
    static func random() throws(AgeError) -> FileKey {
        FileKey(try mapError(AgeError.memory, Random.secret(count: size)))
    }

    /// Unwraps the body of a stanza.
    ///
    /// - Returns: nil where `wrapKey` did not wrap it.
    /// - Throws: `header` for a body of another length, which could hold more than one key's ciphertext; `memory`.
    static func unwrap(_ body: [UInt8], wrapKey: borrowing SecretBytes) throws(AgeError) -> FileKey? {
        try unwrap(body, key: wrapKey.span, nonce: zeroNonce)
    }

    private static func unwrap(
        _ body: [UInt8],
        key wrapKey: Span<UInt8>,
        nonce: ChaCha20Poly1305.Nonce
    ) throws(AgeError) -> FileKey? {
        guard body.count == wrappedSize else { throw .header(reason: "a stanza's body has the wrong length") }
        do throws(SodiumError) {
            var key = try SecretBytes(count: size)
            var output = key.mutableSpan
            try ChaCha20Poly1305.open(body.span, key: wrapKey, nonce: nonce, into: &output)
            return FileKey(key)
        } catch .authentication {
            return nil
        } catch {
            throw .memory(error)
        }
    }

    /// Wraps the key for the body of a stanza; `wrapKey` must be used for nothing else.
    func wrap(with wrapKey: borrowing SecretBytes) throws(AgeError) -> [UInt8] {
        try wrap(key: wrapKey.span, nonce: Self.zeroNonce)
    }

    private func wrap(key wrapKey: Span<UInt8>, nonce: ChaCha20Poly1305.Nonce) throws(AgeError) -> [UInt8] {
        var body = [UInt8](repeating: 0, count: Self.wrappedSize)
        try mapError(AgeError.memory) { () throws(SodiumError) in
            var output = body.mutableSpan
            try ChaCha20Poly1305.seal(bytes.span, key: wrapKey, nonce: nonce, into: &output)
        }
        return body
    }

    /// Unwraps the body of a stanza that HPKE made.
    ///
    /// - Returns: nil where the key did not wrap it.
    /// - Throws: `header` for a body of another length; `memory`.
    static func unwrap(_ body: [UInt8], keyAndNonce: borrowing SecretBytes) throws(AgeError) -> FileKey? {
        let span = keyAndNonce.span
        return try unwrap(body, key: span.extracting(first: ChaCha20Poly1305.keySize), nonce: nonce(in: span))
    }

    /// Wraps the key for the body of a stanza of HPKE.
    func wrap(withKeyAndNonce keyAndNonce: borrowing SecretBytes) throws(AgeError) -> [UInt8] {
        let span = keyAndNonce.span
        return try wrap(key: span.extracting(first: ChaCha20Poly1305.keySize), nonce: Self.nonce(in: span))
    }

    /// The nonce that follows a key.
    private static func nonce(in keyAndNonce: Span<UInt8>) -> ChaCha20Poly1305.Nonce {
        var nonce = zeroNonce
        for index in nonce.indices where ChaCha20Poly1305.keySize + index < keyAndNonce.count {
            nonce[index] = keyAndNonce[ChaCha20Poly1305.keySize + index]
        }
        return nonce
    }

    /// The MAC of a header, up to and including its `---`.
    func mac(over header: Span<UInt8>) throws(AgeError) -> SecretBytes {
        try mapError(AgeError.memory) { () throws(SodiumError) in
            let salt: [UInt8] = []
            let key = try HMACSHA256.derive(from: bytes.span, salt: salt.span, info: "header")
            return try HMACSHA256.code(of: header, key: key.span)
        }
    }

    /// The key of the payload that begins with `nonce`.
    func payloadKey(nonce: Span<UInt8>) throws(AgeError) -> SecretBytes {
        try mapError(AgeError.memory, HMACSHA256.derive(from: bytes.span, salt: nonce, info: "payload"))
    }

    /// The nonce of the body of a stanza that is not HPKE's; each is sealed under a key of its own.
    private static var zeroNonce: ChaCha20Poly1305.Nonce { ChaCha20Poly1305.Nonce(repeating: 0) }
}
