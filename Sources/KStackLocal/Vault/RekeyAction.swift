import Age
import KStackAny
import Sodium
import System

/// Re-encrypts what was written for other recipients than its team has now, from ciphertext to ciphertext.
///
/// Plaintexts and the state stay as they are: a new ciphertext of the same plaintext does not count as changed.
struct RekeyAction: VaultAction {
    /// The vault whose files are written again.
    let vault: Vault

    /// Who can read the files of which team.
    let teams: Teams

    /// Whether to say only which files are stale.
    let checksOnly: Bool

    var changesFiles: Bool { !checksOnly }

    var looksForPlaintext: Bool { false }

    func names(in listing: LayerListing) -> FallibleArray<String> {
        listing.encrypted
    }

    func apply(
        to file: borrowing VaultFile,
        record: VaultState.Record?,
        key: Fingerprint.Key
    ) throws(KStackError) -> VaultOutcome {
        let encrypted = try file.encrypted()
        let version = encrypted.status.version
        let standing = try teams.standing(of: encrypted)
        if standing.isCurrent { return VaultOutcome(result: .unchanged, record: record, isCurrent: true) }
        if checksOnly { return VaultOutcome(result: .stale, record: record, note: standing.advice) }
        let encryptor = VaultEncryptor(vault: vault, recipients: standing.recipients)
        var source = try source(of: file.encrypted())
        try encryptor.encrypt(&source, named: file.encryptedName, file, replacing: version)
        return VaultOutcome(result: .written, record: record, isCurrent: true)
    }

    /// The plaintext of a file, as a stream in memory.
    private func source(of encrypted: consuming OpenFile) throws(KStackError) -> DecryptingSource<FileSource> {
        let path = encrypted.path
        let identities = try vault.identities.identities()
        do throws(AgeError) {
            return try DecryptingSource(FileSource(plain: encrypted, isForWriting: true), with: .identities(identities))
        } catch {
            throw try vault.explain(error, path: path)
        }
    }
}
