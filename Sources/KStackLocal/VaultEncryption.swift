import Age
import Files
import KStackAny
import Sodium

/// Encrypts a plaintext for a team and gives it up; what somebody else changed is never replaced unless the caller says
/// so, and a plaintext goes only when its encrypted form was read back.
struct VaultEncryption: VaultAction {
    /// The vault.
    let vault: Vault

    /// Who can read the files.
    let recipients: Recipients

    /// Whether the plaintext wins over an encrypted form that differs.
    let overwrites: Bool

    func names(in layer: Layer) throws(KStackError) -> [String] {
        try vault.allNames(in: layer, .plaintext)
    }

    func apply(to file: borrowing VaultFile, record: VaultState.Record?) throws(KStackError) -> VaultOutcome {
        let plaintext = try file.openPlaintext()
        let encrypted = try file.openEncrypted()
        guard let plaintext else {
            guard encrypted != nil else {
                throw KStackError(
                    .serviceNotFound,
                    "there is neither \(file.name) nor \(file.encryptedName) in \(file.folder.directory.path)"
                )
            }
            return VaultOutcome(result: .unchanged, record: nil)
        }
        let version = plaintext.status.version
        let hash = try VaultFile.hash(plaintext)
        var replaced: FileVersion?
        if let encrypted {
            replaced = encrypted.status.version
            // Not edited since it was written: the present ciphertext stays, even one that a colleague made since.
            let isEdited = record?.plaintext != hash
            guard isEdited else { return VaultOutcome(result: .unchanged, record: record, obsolete: version) }
            if try VaultFile.hash(encrypted) != record?.ciphertext {
                if try isHeld(hash, by: file, isKnown: record != nil) {
                    return VaultOutcome(result: .unchanged, record: record, obsolete: version)
                }
            }
        }
        return try encrypt(file, version, hash, replacing: replaced)
    }

    /// Whether the encrypted form, of which nothing is known or which somebody changed, holds the plaintext.
    ///
    /// - Throws: `conflict` where it does not and the caller did not say that the plaintext wins.
    private func isHeld(
        _ hash: SHA256.Digest,
        by file: borrowing VaultFile,
        isKnown: Bool
    ) throws(KStackError) -> Bool {
        let path = file.folder.directory.path(of: file.name)
        let reason: String
        do throws(KStackError) {
            if try file.decryptedHashes().plaintext == hash { return true }
            reason =
                isKnown
                ? "\(path) was edited, and so was its encrypted form"
                : "\(path) differs from its encrypted form, and it is not known which is newer"
        } catch {
            guard error.code == .vault else { throw error }
            reason = "\(path) cannot be compared with its encrypted form: \(error.message)"
        }
        if overwrites { return false }
        throw KStackError(
            .conflict,
            "\(reason); move it away, decrypt, and bring your edit in again, or encrypt with the flag that overwrites; "
                + "nothing was written or removed"
        )
    }

    /// Encrypts a plaintext, reads the result back whole, and puts it in place.
    private func encrypt(
        _ file: borrowing VaultFile,
        _ version: FileVersion,
        _ hash: SHA256.Digest,
        replacing replaced: FileVersion?
    ) throws(KStackError) -> VaultOutcome {
        guard let plaintext = try file.openPlaintext() else { throw changed(file) }
        let encryptor = VaultEncryptor(vault: vault, recipients: recipients)
        let result = try encryptor.encrypt(FileSource(plain: plaintext), file, holding: hash, replacing: replaced)
        return VaultOutcome(result: .written, record: result.record, obsolete: version)
    }

    private func changed(_ file: borrowing VaultFile) -> KStackError {
        KStackError(
            .conflict,
            "\(file.folder.directory.path(of: file.name)) was changed while it was encrypted, and was left; encrypt again"
        )
    }
}
