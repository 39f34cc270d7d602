import Age
import KStackAny
import Sodium
import System

/// Reports in which forms each file exists, who can read it, and what to do; changes nothing.
struct StatusAction: VaultAction {
    let vault: Vault

    /// The recipients of each team.
    let teams: Teams

    var changesFiles: Bool { false }

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
        let encrypted = try file.openEncrypted()
        guard let encrypted else {
            guard plaintext != nil else { throw file.missing() }
            return VaultOutcome(result: .inClear, record: record, note: "it was never encrypted; encrypt it")
        }
        let path = encrypted.path
        let header: Result<UnauthenticatedHeader, KStackError>
        do throws(KStackError) {
            header = .success(try Teams.header(of: encrypted))
        } catch {
            header = .failure(error)
        }
        let isReadable = try opens(header, path)
        var notes: [String] = []
        if !isReadable {
            notes.append(
                try vault.identities.hasSource()
                    ? "none of your identities opens it" : "there is no identity to open it with"
            )
        }
        var isPostQuantum = false
        let isCurrent = try isCurrent(header, &notes, &isPostQuantum)
        var result = VaultReport.Result.encrypted
        if let plaintext {
            result = try compare(plaintext, file, record, key, isReadable, &notes)
        }
        return VaultOutcome(
            result: result,
            record: record,
            note: notes.joined(separator: "; "),
            isReadable: isReadable,
            isCurrent: isCurrent,
            isPostQuantum: isPostQuantum
        )
    }

    /// Whether an identity of the user opens the file with this header; false without an identity.
    private func opens(
        _ header: Result<UnauthenticatedHeader, KStackError>,
        _ path: String
    ) throws(KStackError) -> Bool {
        guard case .success(let header) = header, try vault.identities.hasSource() else { return false }
        let identities = try vault.identities.identities()
        do throws(AgeError) {
            try header.authenticate(with: .identities(identities))
            return true
        } catch {
            let error = KStackError(error, path: path)
            guard error.code == .vault else { throw error }
            return false
        }
    }

    /// Whether the file with this header is written for its team's current recipients, and whether those are all
    /// post-quantum.
    private func isCurrent(
        _ header: Result<UnauthenticatedHeader, KStackError>,
        _ notes: inout [String],
        _ isPostQuantum: inout Bool
    ) throws(KStackError) -> Bool {
        do throws(KStackError) {
            let stanzas = try header.get().stanzas
            isPostQuantum = Age.isPostQuantum(stanzas.filter { $0.type != Recipients.stanzaType })
            let standing = try teams.standing(of: stanzas)
            if !standing.isCurrent { notes.append(standing.advice) }
            return standing.isCurrent
        } catch {
            guard error.code == .configuration || error.code == .vault else { throw error }
            notes.append(error.message)
            return false
        }
    }

    /// Which of the two forms is newer, decided as in `encrypt` and `decrypt`.
    private func compare(
        _ plaintext: consuming OpenFile,
        _ file: borrowing VaultFile,
        _ record: VaultState.Record?,
        _ key: Fingerprint.Key,
        _ isReadable: Bool,
        _ notes: inout [String]
    ) throws(KStackError) -> VaultReport.Result {
        let fingerprint = try VaultFile.fingerprint(of: plaintext, key)
        if let record, try VaultFile.fingerprint(of: file.encrypted(), key) == record.ciphertext {
            if fingerprint == record.plaintext { return .decrypted }
            notes.append("edited since it was decrypted; encrypt it")
            return .edited
        }
        guard isReadable else {
            notes.append("and so it is not known whether its plaintext was edited")
            return .conflict
        }
        let held = try file.decryptedRecord(key).plaintext
        if held == fingerprint { return .decrypted }
        guard let record else {
            notes.append("both forms differ, and it is not known which is newer")
            return .conflict
        }
        if fingerprint == record.plaintext {
            notes.append("older than its encrypted form; decrypt it")
            return .decrypted
        }
        if held == record.plaintext {
            notes.append("edited since it was decrypted; encrypt it")
            return .edited
        }
        notes.append("both the plaintext and its encrypted form changed")
        return .conflict
    }
}
