import KStackAny
import Sodium

/// How the plaintext of a file and its encrypted form differ: the rule by which no edit is lost.
enum Divergence {
    /// Both hold the same.
    case same

    /// The plaintext was edited, and the encrypted form holds what it held when the plaintext was written.
    case edited

    /// The encrypted form holds something newer than the plaintext, which was not edited.
    case outdated

    /// Both changed.
    case bothChanged

    /// They differ, and nothing is recorded of either.
    case unknown

    /// Decides by the record alone.
    ///
    /// - Returns: nil where the encrypted form is not the recorded one, and has to be decrypted.
    init?(plaintext: Fingerprint.Digest, ciphertext: Fingerprint.Digest, record: VaultState.Record) {
        guard ciphertext == record.ciphertext else { return nil }
        self = plaintext == record.plaintext ? .same : .edited
    }

    /// Decides by what the encrypted form holds, which after rekeying is the same as before.
    init(plaintext: Fingerprint.Digest, held: Fingerprint.Digest, record: VaultState.Record?) {
        if held == plaintext {
            self = .same
        } else if let record {
            self = plaintext == record.plaintext ? .outdated : held == record.plaintext ? .edited : .bothChanged
        } else {
            self = .unknown
        }
    }
}

extension VaultFile {
    /// How the two forms differ, as far as the record tells.
    ///
    /// - Returns: nil where the encrypted form has to be decrypted.
    func recordedDivergence(
        of plaintext: Fingerprint.Digest,
        _ record: VaultState.Record?,
        _ key: Fingerprint.Key
    ) throws(KStackError) -> Divergence? {
        guard let record else { return nil }
        let ciphertext = try Self.fingerprint(of: encrypted(), key)
        return Divergence(plaintext: plaintext, ciphertext: ciphertext, record: record)
    }
}
