import Age
import KStackAny
import Sodium
import System

/// Encrypts a plaintext for a team and gives it up; what somebody else changed is never replaced unless the caller says
/// so, and a plaintext goes only when its encrypted form was read back.
struct EncryptAction: VaultAction {
    /// The vault.
    let vault: Vault

    /// Who can read the files.
    let recipients: Recipients

    /// Who can read the files of which team.
    let teams: Teams

    /// Whether the plaintext wins over an encrypted form that differs.
    let overwrites: Bool

    /// Whether the caller chose no files: then files without a plaintext are told of, too, where they are stale.
    let looksAtAll: Bool

    var looksForPlaintext: Bool { true }

    func names(in listing: LayerListing) throws(SodiumError) -> FallibleArray<String> {
        try listing.all()
    }

    func apply(
        to file: borrowing VaultFile,
        record: VaultState.Record?,
        key: Fingerprint.Key
    ) throws(KStackError) -> VaultOutcome {
        let plaintext = try file.openPlaintext()
        guard let plaintext else { return try keepEncrypted(file) }
        let encrypted = try file.openEncrypted()
        let version = plaintext.status.version
        guard let encrypted else { return try encrypt(plaintext, file, replacing: nil) }
        let replaced = encrypted.status.version
        if try keeps(encrypted, of: file, besides: plaintext, record, key) {
            try file.settleEncrypted()
            let obsolete = VaultOutcome.Obsolete(plaintext: version, kept: replaced)
            return VaultOutcome(result: .unchanged, record: record, obsolete: obsolete, note: try advice(file) ?? "")
        }
        guard let edited = try file.openPlaintext(), edited.status.version == version else { throw changed(file) }
        return try encrypt(edited, file, replacing: replaced)
    }

    /// What to do with a file that has no plaintext: nothing, but tell that it is stale.
    private func keepEncrypted(_ file: borrowing VaultFile) throws(KStackError) -> VaultOutcome {
        if !looksAtAll {
            let encrypted = try file.openEncrypted()
            guard encrypted != nil else { throw file.missing() }
        }
        let advice = try advice(file)
        return VaultOutcome(result: .unchanged, record: nil, note: advice ?? "", isNews: advice != nil)
    }

    /// What to tell of a file that names a team and is for others than that team's recipients now; nil for all others.
    private func advice(_ file: borrowing VaultFile) throws(KStackError) -> String? {
        // What is wrong with a file that is not to be written is told by those who read it.
        do throws(KStackError) {
            let standing = try teams.standing(of: file.encrypted())
            return standing.isNamed && !standing.isCurrent ? standing.advice : nil
        } catch {
            guard error.code == .io else { return nil }
            throw error
        }
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
        _ record: VaultState.Record?,
        _ key: Fingerprint.Key
    ) throws(KStackError) -> Bool {
        let fingerprint = try VaultFile.fingerprint(of: plaintext, key)
        let isEdited = fingerprint != record?.plaintext
        let isCurrent = try VaultFile.fingerprint(of: encrypted, key) == record?.ciphertext
        if isCurrent, isEdited { return false }
        let path = file.folder.directory.path(of: file.name)
        let reason: String
        do throws(KStackError) {
            if isCurrent {
                // It was decrypted once, though not perhaps by who would have nothing left to read now.
                try vault.checkOpens(file.encrypted())
                return true
            }
            let held = try file.decryptedRecord(key).plaintext
            if held == fingerprint || !isEdited && !overwrites { return true }
            // It was made anew and holds what it held, as after rekeying.
            if held == record?.plaintext { return false }
            reason =
                record != nil
                ? "\(path) and its encrypted form both changed"
                : "\(path) differs from its encrypted form, and it is not known which is newer"
        } catch {
            guard error.code == .vault else { throw error }
            reason = "\(path) stays, since its encrypted form cannot be read: \(error.message)"
        }
        if overwrites { return false }
        throw KStackError(
            .conflict,
            "\(reason). To merge: move it away, decrypt, and bring your edit in again. To discard the other change: encrypt "
                + "with the flag that overwrites. Nothing was written or removed"
        )
    }

    /// Encrypts a plaintext, reads the result back whole, and puts it in place.
    private func encrypt(
        _ plaintext: consuming OpenFile,
        _ file: borrowing VaultFile,
        replacing replaced: FileVersion?
    ) throws(KStackError) -> VaultOutcome {
        let version = plaintext.status.version
        try YAMLCheck.check(plaintext, named: file.name)
        let encryptor = VaultEncryptor(vault: vault, recipients: recipients)
        try encryptor.encrypt(FileSource(plain: plaintext), named: file.name, file, replacing: replaced)
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
