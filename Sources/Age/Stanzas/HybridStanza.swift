import Sodium
import XWing

/// The stanza type `mlkem768x25519` (C2SP age, section "The ML-KEM-768 + X25519 hybrid recipient type").
///
/// HPKE's base mode with X-Wing as KEM, HKDF-SHA256 and ChaCha20-Poly1305, for one message.
enum HybridStanza {
    /// The first argument.
    static let type = "mlkem768x25519"

    /// X-Wing among the KEMs of HPKE.
    private static let hpke = HPKE(kem: 0x647a)

    /// The context string of the wrap key's derivation.
    private static let info = "age-encryption.org/mlkem768x25519"

    /// Wraps a file key for a recipient.
    ///
    /// - Throws: `malformedKey` for an invalid recipient; `notBuilt`; `memory`.
    static func wrap(_ fileKey: borrowing FileKey, for recipient: Recipient) throws(AgeError) -> Stanza {
        let made = try mapError(
            AgeError.xwing(.malformedKey(line: nil, reason: "a post-quantum recipient is not a valid key")),
            XWing.encapsulate(to: recipient.publicKey.span)
        )
        let keyAndNonce = try keyAndNonce(of: made.sharedSecret)
        return Stanza(
            type: type,
            share: made.ciphertext.span,
            body: try fileKey.wrap(withKeyAndNonce: keyAndNonce)
        )
    }

    /// Unwraps a file key with the first of the identities that fits.
    ///
    /// - Returns: nil where none of them does.
    /// - Throws: `header` for a malformed stanza or a share of low order; `memory`.
    static func unwrap(_ stanza: Stanza, with identities: Identities) throws(AgeError) -> FileKey? {
        let ciphertext = try stanza.share(size: XWing.ciphertextSize)
        for index in 0..<identities.count {
            guard identities.recipients[index].kind == .hybrid else { continue }
            let keyAndNonce = try keyAndNonce(ciphertext: ciphertext, identity: index, of: identities)
            if let fileKey = try FileKey.unwrap(stanza.body, keyAndNonce: keyAndNonce) { return fileKey }
        }
        return nil
    }

    /// The key and nonce that one identity derives from the sender's ciphertext.
    private static func keyAndNonce(
        ciphertext: [UInt8],
        identity index: Int,
        of identities: Identities
    ) throws(AgeError) -> SecretBytes {
        // An all-zero secret of the X25519 half is known to everybody: the specification makes the reader abort.
        let shared = try mapError(
            AgeError.xwing(.header(reason: "an mlkem768x25519 stanza's share is a point of low order")),
            identities.decapsulate(ciphertext.span, at: index)
        )
        return try keyAndNonce(of: shared)
    }

    /// The key that wraps the file key, and its nonce.
    private static func keyAndNonce(of sharedSecret: borrowing SecretBytes) throws(AgeError) -> SecretBytes {
        // A closure would have to capture the span, which cannot leave this scope.
        do throws(SodiumError) {
            return try hpke.keyAndNonce(sharedSecret: sharedSecret.span, info: info)
        } catch {
            throw .memory(error)
        }
    }
}

extension AgeError {
    /// The error for an X-Wing that failed, for `mapError`; `invalid` for an invalid key or ciphertext.
    static func xwing(_ invalid: AgeError) -> (XWing.Failure) -> AgeError {
        { failure in
            switch failure {
            case .notBuilt: .notBuilt(line: nil)
            case .invalid: invalid
            case .memory(let error): .memory(error)
            }
        }
    }
}
