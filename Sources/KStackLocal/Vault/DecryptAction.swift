import Age
import KStackAny
import Sodium
import System

/// Writes the plaintext of a file next to it; an edit is never replaced unless the caller asks for it.
struct DecryptAction: VaultAction {
    /// The vault.
    let vault: Vault

    /// Whether the encrypted form wins over a plaintext that differs.
    let overwrites: Bool

    func names(in listing: LayerListing) -> FallibleArray<String> {
        listing.encrypted
    }

    var looksForPlaintext: Bool { false }

    func apply(
        to file: borrowing VaultFile,
        record: VaultState.Record?,
        key: Fingerprint.Key
    ) throws(KStackError) -> VaultOutcome {
        let encrypted = try file.encrypted()
        let plaintext = try file.openPlaintext()
        guard let plaintext else { return try write(encrypted, file, key, replacing: nil, of: nil) }
        let version = plaintext.status.version
        let fingerprint = try VaultFile.fingerprint(of: plaintext, key)
        let recorded = try file.recordedDivergence(of: fingerprint, record, key)
        if recorded == .same { return VaultOutcome(result: .unchanged, record: record) }
        if overwrites || recorded == nil && fingerprint == record?.plaintext {
            // The plaintext may be replaced, which was not edited since it was written or is given up by the caller.
            return try write(encrypted, file, key, replacing: version, of: fingerprint)
        }
        if recorded == .edited { throw conflict(file, "was edited since it was decrypted; encrypt it") }
        let held = try held(in: encrypted, file, key)
        switch Divergence(plaintext: fingerprint, held: held.plaintext, record: record) {
        case .same: return VaultOutcome(result: .unchanged, record: held)
        case .edited: throw conflict(file, "was edited since it was decrypted; encrypt it")
        case .unknown:
            throw conflict(
                file,
                "differs from its encrypted form, and it is not known which is newer. To merge: move it away"
            )
        case .outdated, .bothChanged:
            throw conflict(
                file,
                "and its encrypted form both changed. To merge: move it away, decrypt, and bring your edit in again"
            )
        }
    }

    /// The fingerprints of the encrypted form and of what it holds.
    private func held(
        in encrypted: consuming OpenFile,
        _ file: borrowing VaultFile,
        _ key: Fingerprint.Key
    ) throws(KStackError) -> VaultState.Record {
        do throws(KStackError) {
            return try VaultFile.decryptedRecord(of: encrypted, vault: vault, key)
        } catch {
            guard error.code == .vault else { throw error }
            let path = file.folder.directory.path(of: file.name)
            throw KStackError(
                .conflict,
                "\(path) cannot be compared with its encrypted form: \(error.message); nothing was written"
            )
        }
    }

    /// Decrypts a file to a new one, which gets its name when all of it is authentic and on the disk.
    ///
    /// - Parameters:
    ///   - version: the plaintext that it may replace; nil where there must be none.
    ///   - fingerprint: that of that plaintext; where it is the same, nothing is replaced.
    private func write(
        _ encrypted: consuming OpenFile,
        _ file: borrowing VaultFile,
        _ key: Fingerprint.Key,
        replacing version: FileVersion?,
        of fingerprint: Fingerprint.Digest?
    ) throws(KStackError) -> VaultOutcome {
        let path = encrypted.path
        let identities = try vault.identities.identities()
        let temporary = try file.makeTemporary()
        let record: VaultState.Record
        var written: TemporaryFile
        do throws(AgeError) {
            var source = try FileSource(encrypted, fingerprinting: key, isForWriting: true)
            var sink = try FileSink(temporary, fingerprinting: key)
            try Age.decrypt(from: &source, to: &sink, with: .identities(identities))
            record = VaultState.Record(ciphertext: try source.fingerprint(), plaintext: try sink.fingerprint())
            written = sink.finish()
        } catch .sink(let code) {
            throw KStackError(.sink(errno: code), path: file.folder.directory.path(of: file.name))
        } catch {
            throw try vault.explain(error, path: path)
        }
        if let fingerprint, fingerprint == record.plaintext { return VaultOutcome(result: .unchanged, record: record) }
        try file.place(&written, as: file.name, replacing: version)
        return VaultOutcome(result: .written, record: record)
    }

    private func conflict(_ file: borrowing VaultFile, _ reason: String) -> KStackError {
        KStackError(
            .conflict,
            "\(file.folder.directory.path(of: file.name)) \(reason). To discard the plaintext's change: decrypt with the flag "
                + "that overwrites. Nothing was written"
        )
    }
}
