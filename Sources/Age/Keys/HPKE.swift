import Sodium

/// HPKE as in RFC 9180: the key schedule in base mode with HKDF-SHA256 and ChaCha20-Poly1305, for one message.
///
/// The KEM is the caller's: its shared secret goes in.
struct HPKE {
    /// `suite_id`: the KEM, the KDF and the AEAD by their numbers.
    private let suite: [UInt8]

    /// The KDF's and the AEAD's number.
    private static let kdfAndAEAD: [UInt8] = [0x00, 0x01, 0x00, 0x03]

    /// The length of a nonce in bytes.
    private static let nonceSize = 12

    /// Makes the suite around a KEM, by its number in the registry.
    init(kem: UInt16) {
        suite = Array("HPKE".utf8) + [UInt8(kem >> 8), UInt8(kem & 0xFF)] + HPKE.kdfAndAEAD
    }

    /// The key, followed by the nonce of the first message.
    ///
    /// - Throws: `outOfMemory`.
    func keyAndNonce(sharedSecret: Span<UInt8>, info: String) throws(SodiumError) -> SecretBytes {
        let nothing: [UInt8] = []
        var context = try SecretBytes(minimumCapacity: 1 + 2 * HMACSHA256.size)
        // The number of base mode.
        try context.append(0)
        let identifierHash = try extract(nothing.span, salt: nothing.span, label: "psk_id_hash")
        try context.append(identifierHash.span)
        let infoBytes = Array(info.utf8)
        let infoHash = try extract(infoBytes.span, salt: nothing.span, label: "info_hash")
        try context.append(infoHash.span)

        let secret = try extract(nothing.span, salt: sharedSecret, label: "secret")
        var result = try expand(secret.span, label: "key", context: context.span, count: ChaCha20Poly1305.keySize)
        let nonce = try expand(secret.span, label: "base_nonce", context: context.span, count: HPKE.nonceSize)
        try result.append(nonce.span)
        return result
    }

    /// LabeledExtract.
    private func extract(_ secret: Span<UInt8>, salt: Span<UInt8>, label: String) throws(SodiumError) -> SecretBytes {
        var message = try labeled(label)
        try message.append(secret)
        return try HMACSHA256.code(of: message.span, key: salt)
    }

    /// LabeledExpand for one block: at most 32 bytes.
    private func expand(
        _ secret: Span<UInt8>,
        label: String,
        context: Span<UInt8>,
        count: Int
    ) throws(SodiumError) -> SecretBytes {
        guard 0...HMACSHA256.size ~= count else { throw .invalidLength }
        var message = try SecretBytes(minimumCapacity: 0)
        try message.append(0)
        try message.append(UInt8(count))
        let prefix = try labeled(label)
        try message.append(prefix.span)
        try message.append(context)
        try message.append(1)
        var result = try HMACSHA256.code(of: message.span, key: secret)
        result.truncate(to: count)
        return result
    }

    /// The prefix of every labeled input, up to its label.
    private func labeled(_ label: String) throws(SodiumError) -> SecretBytes {
        var message = try SecretBytes(minimumCapacity: 128)
        try message.append(utf8: "HPKE-v1")
        try message.append(suite.span)
        try message.append(utf8: label)
        return message
    }
}
