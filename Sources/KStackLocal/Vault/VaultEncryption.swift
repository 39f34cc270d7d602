import Age
import KStackAny
import Sodium
import System

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

    func namesOutOfGrammar(in layer: Layer) throws(KStackError) -> [String] {
        try vault.namesOutOfGrammar(in: layer)
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
        guard let encrypted else { return try encrypt(plaintext, file, replacing: nil) }
        let replaced = encrypted.status.version
        if try keeps(encrypted, of: file, besides: plaintext, record) {
            try file.settleEncrypted()
            return VaultOutcome(result: .unchanged, record: record, obsolete: .init(plaintext: version, kept: replaced))
        }
        guard let edited = try file.openPlaintext(), edited.status.version == version else { throw changed(file) }
        return try encrypt(edited, file, replacing: replaced)
    }

    /// Whether the encrypted form stays and only the plaintext is to go.
    ///
    /// So it is where the plaintext was not edited since it was written, even when a colleague has made the encrypted
    /// form anew since, and where both hold the same. What somebody else made is decrypted to know that it can be.
    ///
    /// - Throws: `conflict` where the plaintext holds what the encrypted form does not, or may not, and it is not known
    ///   to be the newer, unless the caller said that it wins.
    private func keeps(
        _ encrypted: consuming OpenFile,
        of file: borrowing VaultFile,
        besides plaintext: consuming OpenFile,
        _ record: VaultState.Record?
    ) throws(KStackError) -> Bool {
        let hash = try VaultFile.hash(plaintext)
        let isEdited = hash != record?.plaintext
        let isCurrent = try VaultFile.hash(encrypted) == record?.ciphertext
        if isCurrent, isEdited { return false }
        let path = file.folder.directory.path(of: file.name)
        let reason: String
        do throws(KStackError) {
            if isCurrent {
                // It was decrypted once, though not perhaps by who would have nothing left to read now.
                try vault.checkOpens(file.encrypted())
                return true
            }
            if try file.decryptedHashes().plaintext == hash || !isEdited && !overwrites { return true }
            reason =
                record != nil
                ? "\(path) was edited, and so was its encrypted form"
                : "\(path) differs from its encrypted form, and it is not known which is newer"
        } catch {
            guard error.code == .vault else { throw error }
            reason = "\(path) stays, since its encrypted form cannot be read: \(error.message)"
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
        _ plaintext: consuming OpenFile,
        _ file: borrowing VaultFile,
        replacing replaced: FileVersion?
    ) throws(KStackError) -> VaultOutcome {
        let version = plaintext.status.version
        try VaultFiles.check(plaintext, named: file.name)
        let encryptor = VaultEncryptor(vault: vault, recipients: recipients)
        try encryptor.encrypt(FileSource(plain: plaintext), file, replacing: replaced)
        let kept = try file.versionOfEncrypted()
        guard let kept else { throw changed(file) }
        return VaultOutcome(result: .written, record: nil, obsolete: .init(plaintext: version, kept: kept))
    }

    private func changed(_ file: borrowing VaultFile) -> KStackError {
        KStackError(
            .conflict,
            "\(file.folder.directory.path(of: file.name)) was changed while it was encrypted, and was left; encrypt again"
        )
    }
}
