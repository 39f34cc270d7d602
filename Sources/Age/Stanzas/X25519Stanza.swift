import Sodium

/// The stanza type `X25519` (C2SP age, section "The X25519 recipient type").
enum X25519Stanza {
    /// The first argument.
    static let type = "X25519"

    /// The context string of the wrap key's derivation.
    private static let info = "age-encryption.org/v1/X25519"

    /// Wraps a file key for a recipient under a new ephemeral secret.
    ///
    /// - Throws: `malformedKey` for a recipient of low order; `memory`.
    static func wrap(_ fileKey: borrowing FileKey, for recipient: Recipient) throws(AgeError) -> Stanza {
        let share: [UInt8]
        let wrapKey: SecretBytes
        do throws(SodiumError) {
            let ephemeral = try Random.secret(count: X25519.keySize)
            share = try X25519.publicKey(of: ephemeral.span)
            let shared = try X25519.sharedSecret(secret: ephemeral.span, point: recipient.publicKey.span)
            let salt = share + recipient.publicKey
            wrapKey = try HMACSHA256.derive(from: shared.span, salt: salt.span, info: info)
        } catch .lowOrderPoint {
            throw .malformedKey(line: nil, reason: "the recipient is a point of low order")
        } catch {
            throw .memory(error)
        }
        return Stanza(type: type, share: share.span, body: try fileKey.wrap(with: wrapKey))
    }

    /// Unwraps a file key with the first of the identities that fits.
    ///
    /// - Returns: nil where none of them does.
    /// - Throws: `header` for a malformed stanza or a share of low order; `memory`.
    static func unwrap(_ stanza: Stanza, with identities: Identities) throws(AgeError) -> FileKey? {
        let share = try stanza.share(size: X25519.keySize)
        for index in 0..<identities.count {
            guard identities.recipients[index].kind == .x25519 else { continue }
            let wrapKey = try wrapKey(share: share, identity: index, of: identities)
            if let fileKey = try FileKey.unwrap(stanza.body, wrapKey: wrapKey) { return fileKey }
        }
        return nil
    }

    /// The key that one identity and the sender share.
    private static func wrapKey(
        share: [UInt8],
        identity index: Int,
        of identities: Identities
    ) throws(AgeError) -> SecretBytes {
        do throws(SodiumError) {
            let shared = try identities.sharedSecret(at: index, point: share.span)
            let salt = share + identities.recipients[index].publicKey
            return try HMACSHA256.derive(from: shared.span, salt: salt.span, info: info)
        } catch .lowOrderPoint {
            // An all-zero shared secret is known to everybody: the specification makes the reader abort.
            throw .header(reason: "an X25519 stanza's share is a point of low order")
        } catch {
            throw .memory(error)
        }
    }
}
