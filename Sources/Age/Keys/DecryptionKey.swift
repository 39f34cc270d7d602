/// The identities or the passphrase that decrypt a file.
public enum DecryptionKey: Sendable {
    /// Any of these identities.
    case identities(Identities)

    /// This passphrase.
    case passphrase(Passphrase)

    /// Unwraps the file key from the first stanza that fits; those of other types are ignored.
    ///
    /// - Throws: `noMatch`; `header` for a malformed stanza of the key's own type, or for an scrypt stanza next to
    ///   others: a passphrase is to prove that the writer knew it, too; `memory`.
    func fileKey(from stanzas: [Stanza]) throws(AgeError) -> FileKey {
        guard stanzas.count == 1 || !stanzas.contains(where: { $0.type == ScryptStanza.type }) else {
            throw .header(reason: "an scrypt stanza is not the only one")
        }
        for stanza in stanzas {
            switch self {
            case .identities(let identities):
                if let key = try Self.fileKey(from: stanza, identities) { return key }
            case .passphrase(let passphrase):
                guard stanza.type == ScryptStanza.type else { continue }
                if let key = try ScryptStanza.unwrap(stanza, with: passphrase) { return key }
            }
        }
        throw .noMatch(stanzaTypes: Stanza.types(of: stanzas))
    }

    /// Unwraps the file key from one stanza; nil where none of the identities is for its type.
    private static func fileKey(from stanza: Stanza, _ identities: Identities) throws(AgeError) -> FileKey? {
        switch stanza.type {
        case X25519Stanza.type where identities.hasClassical: return try X25519Stanza.unwrap(stanza, with: identities)
        case HybridStanza.type where identities.hasHybrid: return try HybridStanza.unwrap(stanza, with: identities)
        default: return nil
        }
    }
}
