import Age
import KStackAny
import Sodium
import System

/// Encrypts a plaintext for a team and removes it.
///
/// What somebody else changed is never replaced unless the caller says
/// so, and a plaintext is removed only after its encrypted form was read back.
struct EncryptAction: VaultAction {
    let vault: Vault

    /// The recipients of the files.
    let recipients: Recipients

    /// The recipients of each team.
    let teams: Teams

    /// Whether the plaintext wins over an encrypted form that differs.
    let overwrites: Bool

    /// Whether the caller chose no files: then stale files without a plaintext are reported as well.
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
        guard let encrypted else { return try encrypt(plaintext, file, key, replacing: nil) }
        let replaced = encrypted.status.version
        if try keeps(encrypted, of: file, besides: plaintext, record, key) {
            try file.settleEncrypted()
            let obsolete = VaultOutcome.Obsolete(plaintext: version, kept: replaced)
            return VaultOutcome(result: .unchanged, record: record, obsolete: obsolete, note: try advice(file) ?? "")
        }
        guard let edited = try file.openPlaintext(), edited.status.version == version else { throw changed(file) }
        return try encrypt(edited, file, key, replacing: replaced)
    }

    /// Handles a file without a plaintext: changes nothing, but reports that it is stale.
    private func keepEncrypted(_ file: borrowing VaultFile) throws(KStackError) -> VaultOutcome {
        if !looksAtAll {
            let encrypted = try file.openEncrypted()
            guard encrypted != nil else { throw file.missing() }
        }
        let advice = try advice(file)
        return VaultOutcome(result: .unchanged, record: nil, note: advice ?? "", isNoteworthy: advice != nil)
    }

    /// The note for a file written for other recipients than its team has now; nil for other files.
    private func advice(_ file: borrowing VaultFile) throws(KStackError) -> String? {
        // Errors in a file that is not written are reported when it is read.
        do throws(KStackError) {
            let standing = try teams.standing(of: file.encrypted())
            return standing.isNamed && !standing.isCurrent ? standing.advice : nil
        } catch {
            guard error.code == .io else { return nil }
            throw error
        }
    }

    /// Whether the encrypted form stays and only the plaintext is removed.
    ///
    /// That is so if the plaintext was not edited since it was written, even when a colleague has since re-encrypted
    /// the file, and if both hold the same. The file of somebody else is decrypted to check that it can be.
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
        let recorded = try file.recordedDivergence(of: fingerprint, record, key)
        if recorded == .edited { return false }
        let path = file.folder.directory.path(of: file.name)
        let reason: String
        do throws(KStackError) {
            if recorded == .same {
                // It was decrypted once, but perhaps by somebody else.
                try vault.checkOpens(encrypted)
                return true
            }
            let held = try VaultFile.decryptedRecord(of: encrypted, vault: vault, key).plaintext
            switch Divergence(plaintext: fingerprint, held: held, record: record) {
            case .same: return true
            case .outdated: return !overwrites
            case .edited: return false
            case .bothChanged: reason = "\(path) and its encrypted form both changed"
            case .unknown: reason = "\(path) differs from its encrypted form, and it is not known which is newer"
            }
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

    /// Encrypts a plaintext, reads the whole result back, and puts it in place.
    private func encrypt(
        _ plaintext: consuming OpenFile,
        _ file: borrowing VaultFile,
        _ key: Fingerprint.Key,
        replacing replaced: FileVersion?
    ) throws(KStackError) -> VaultOutcome {
        let version = plaintext.status.version
        let hasRested = plaintext.hasRested
        try YAMLCheck.check(plaintext, named: file.name)
        var source = try source(of: plaintext, hasRested, key)
        let encryptor = VaultEncryptor(vault: vault, recipients: recipients)
        try encryptor.encrypt(&source, named: file.name, file, replacing: replaced) { (source) throws(KStackError) in
            let present = try file.openPlaintext()
            // What was removed meanwhile was read whole.
            guard let present else { return true }
            guard present.status.version == version else { return false }
            if hasRested { return true }
            let read = try mapError(KStackError.age(file.name), source.fingerprint())
            return try VaultFile.fingerprint(of: present, key) == read
        }
        let kept = try file.versionOfEncrypted()
        guard let kept else { throw changed(file) }
        return VaultOutcome(result: .written, record: nil, obsolete: .init(plaintext: version, kept: kept))
    }

    /// A plaintext to encrypt; where its version may not show a change, with a fingerprint to compare it by.
    private func source(
        of plaintext: consuming OpenFile,
        _ hasRested: Bool,
        _ key: Fingerprint.Key
    ) throws(KStackError) -> FileSource {
        if hasRested { return FileSource(plain: plaintext, isForWriting: true) }
        do throws(AgeError) {
            return try FileSource(plaintext, fingerprinting: key)
        } catch {
            throw KStackError.age(vault.path)(error)
        }
    }

    private func changed(_ file: borrowing VaultFile) -> KStackError {
        KStackError(
            .conflict,
            "\(file.folder.directory.path(of: file.name)) was changed while it was encrypted, and was left; encrypt again"
        )
    }
}
