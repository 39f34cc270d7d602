import KStackAny
import Sodium
import System

/// One run over a vault, which is locked meanwhile where files change.
///
/// Each file is reported; one that fails does not stop the others.
struct VaultRun: ~Copyable {
    private let vault: Vault
    private let lock: DirectoryLock?
    private let before: VaultState
    private var state: VaultState
    private var report = VaultReport()

    /// Locks a vault and removes what a run that was killed left behind, unless nothing is to be changed.
    static func start(over vault: Vault, changing: Bool = true) throws(KStackError) -> VaultRun {
        guard changing else {
            return VaultRun(vault: vault, lock: nil, state: try VaultState.load(from: vault))
        }
        let lock = try vault.lock()
        let state = try VaultState.load(from: vault)
        _ = try recover(vault.folder)
        return VaultRun(vault: vault, lock: lock, state: state)
    }

    private init(vault: Vault, lock: consuming DirectoryLock?, state: VaultState) {
        self.vault = vault
        self.lock = lock
        before = state
        self.state = state
    }

    /// Handles the chosen files, or all, and records what is known of them.
    consuming func run(
        _ action: any VaultAction,
        _ chosen: FallibleArray<VaultFilePath>?
    ) throws(KStackError) -> VaultReport {
        for layer in Layer.allCases {
            do throws(KStackError) {
                let folder = try vault.layerFolder(layer)
                // First, since a restored file is handled like the others.
                let leftovers = try folder.map { (folder) throws(KStackError) in
                    action.changesFiles ? try Self.recover(folder.directory) : FallibleArray()
                }
                var names: FallibleArray<String>
                if let chosen {
                    let own = chosen.lazy.filter { $0.layer == layer }.map(\.name)
                    names = try mapError(KStackError.memory, FallibleArray(own))
                } else {
                    let found = try folder.map { (folder) throws(KStackError) in
                        try LayerListing(of: folder.directory)
                    }
                    let listing = found ?? LayerListing()
                    if action.looksForPlaintext { reportPlaintext(listing, in: layer) }
                    names = try mapError(KStackError.memory, action.names(in: listing))
                }
                for leftover in leftovers ?? FallibleArray() {
                    let name = report.add(leftover, layer, in: vault.path)
                    let others = names.lazy.filter { $0 != name }
                    names = try mapError(KStackError.memory, FallibleArray(others))
                }
                try run(action, layer, folder, names, reportsAll: chosen != nil)
            } catch {
                report.add(layer.name, .failed, error)
            }
        }
        if chosen == nil {
            do throws(KStackError) {
                for stray in try vault.strays() { report.add(stray.path, .failed, stray.error(in: vault)) }
            } catch {
                report.add(vault.environment.text, .failed, error)
            }
        }
        if action.changesFiles, !state.isSame(as: before) {
            do throws(KStackError) {
                try state.save(to: vault)
            } catch {
                report.add(VaultState.fileName, .failed, error)
            }
        }
        return report
    }

    /// Reports plaintexts that are not encrypted because of their names.
    private mutating func reportPlaintext(_ listing: LayerListing, in layer: Layer) {
        for name in listing.invalid { report.addInvalid(name, layer) }
        for name in listing.hidden {
            report.addHidden(name, layer)
            vault.log(
                .warning,
                "\(vault.path)/\(layer.name)/\(KStackError.printable(name)) is hidden and stays in clear; rename it if it "
                    + "holds secrets"
            )
        }
    }

    /// Forgets plaintexts that are gone: one that somebody puts back is not what a run wrote.
    private mutating func forgetWhatIsGone(from layer: Layer, _ folder: borrowing Directory) throws(KStackError) {
        for path in state.paths {
            let file = try VaultFilePath(path)
            guard file.layer == layer else { continue }
            if try mapError(KStackError.file, folder.status(of: file.name)) == nil { state[path] = nil }
        }
    }

    /// Handles the files of one layer.
    private mutating func run(
        _ action: any VaultAction,
        _ layer: Layer,
        _ folder: LayerFolder?,
        _ names: FallibleArray<String>,
        reportsAll: Bool
    ) throws(KStackError) {
        guard let folder else {
            for name in names {
                report.add(
                    "\(layer.name)/\(name)",
                    .failed,
                    KStackError(.serviceNotFound, "no folder \(layer.name) in \(vault.path)")
                )
            }
            return
        }
        // First, since everything done to a file must be reported and recorded.
        try mapError(KStackError.memory) { () throws(SodiumError) in
            try report.reserve(names.count)
            try state.reserve(names.count)
        }
        if action.changesFiles { try forgetWhatIsGone(from: layer, folder.directory) }
        guard !names.isEmpty else { return }
        let vault = vault
        // Not the state itself: a copy that is kept would make each change of it one that can fail.
        var records = FallibleArray<VaultState.Record?>()
        for name in names {
            try mapError(KStackError.memory, records.append(state["\(layer.name)/\(name)"]))
        }
        let outcomes = try mapError(
            KStackError.memory,
            Workers.map(count: names.count, isForDisk: action.changesFiles) {
                [records, key = state.key] index -> Result<VaultOutcome, KStackError> in
                let file = VaultFile(vault: vault, folder: folder, name: names[index])
                let path = "\(layer.name)/\(names[index])"
                do throws(KStackError) {
                    try KStackError.checkScope(path)
                    return .success(try action.apply(to: file, record: records[index], key: key))
                } catch {
                    return .failure(error)
                }
            }
        )
        let failure = action.changesFiles ? Self.synchronize(folder.directory) : nil
        for (name, outcome) in zip(names, outcomes) {
            guard let outcome else { continue }
            if !reportsAll, case .success(let outcome) = outcome, !outcome.isNoteworthy { continue }
            // A plaintext stays while its encrypted form may not be on the disk.
            if let failure, case .success(let outcome) = outcome, outcome.result == .written || outcome.obsolete != nil
            {
                conclude(.failure(failure), name, layer, folder)
            } else {
                conclude(outcome, name, layer, folder)
            }
        }
        guard action.changesFiles else { return }
        if let failure = failure ?? Self.synchronize(folder.directory) { throw failure }
    }

    /// Removes a plaintext whose ciphertext is on the disk by now, and reports the file.
    private mutating func conclude(
        _ outcome: Result<VaultOutcome, KStackError>,
        _ name: String,
        _ layer: Layer,
        _ folder: LayerFolder
    ) {
        let path = "\(layer.name)/\(name)"
        do throws(KStackError) {
            var outcome = try outcome.get()
            state[path] = outcome.record
            if let obsolete = outcome.obsolete {
                do throws(KStackError) {
                    try Self.remove(name, obsolete, from: folder.directory)
                } catch {
                    // Where it stays, the next run must know what it was edited from.
                    if outcome.result == .written {
                        let file = VaultFile(vault: vault, folder: folder, name: name)
                        state[path] = try? file.decryptedRecord(state.key)
                    }
                    throw error
                }
                state[path] = nil
                if outcome.result == .unchanged {
                    outcome.note = outcome.note.isEmpty ? "plaintext removed" : "plaintext removed; \(outcome.note)"
                }
            }
            report.add(path, outcome)
        } catch {
            report.add(path, error.code == .conflict ? .conflict : .failed, error)
        }
    }

    /// Removes a plaintext unless somebody changed it, or its encrypted form, meanwhile.
    private static func remove(
        _ name: String,
        _ obsolete: VaultOutcome.Obsolete,
        from folder: borrowing Directory
    ) throws(KStackError) {
        let encryptedName = VaultNaming.encryptedName(of: name)
        do throws(FileError) {
            try folder.remove(name, expected: obsolete.plaintext) { () throws(FileError) in
                guard try folder.status(of: encryptedName)?.version.hasSameContent(as: obsolete.kept) == true else {
                    throw FileError(.exists, path: folder.path(of: encryptedName))
                }
            }
        } catch {
            guard error.kind == .exists else { throw KStackError.file(error) }
            throw KStackError(
                .conflict,
                "\(error.path) was changed while \(name) was encrypted; the plaintext was left, so encrypt again"
            )
        }
    }

    /// Undoes what a run that was killed left half done; nobody else writes such files while the vault is locked.
    private static func recover(_ folder: borrowing Directory) throws(KStackError) -> FallibleArray<Leftover> {
        try mapError(KStackError.file, folder.recover())
    }

    /// Waits until the names in a folder are on the disk.
    ///
    /// - Returns: the reason why they may not be; nil where they are.
    private static func synchronize(_ folder: borrowing Directory) -> KStackError? {
        do throws(FileError) {
            try folder.synchronize()
            return nil
        } catch {
            return .file(error)
        }
    }
}
