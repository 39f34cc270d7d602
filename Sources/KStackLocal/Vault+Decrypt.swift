import Age
import Files
public import KStackAny

extension Vault {
    /// How a run over the vault goes.
    public struct Options: Sendable {
        /// Paths by plaintext name, relative to the vault; nil for all files.
        public var files: [String]?

        /// Whether the source wins over a target that differs.
        public var overwrites: Bool

        /// Makes the options; all files and no overwriting where nothing else is said.
        public init(files: [String]? = nil, overwrites: Bool = false) {
            self.files = files
            self.overwrites = overwrites
        }
    }

    /// Writes the plaintext of files beside them; a plaintext that differs is a conflict and stays.
    ///
    /// - Returns: what became of each file; all are tried, whatever becomes of one.
    /// - Throws: `invalidArgument` for a path out of grammar; `io` where the vault cannot be locked.
    public func decrypt(_ options: Options) throws(KStackError) -> VaultReport {
        let chosen = try options.files.map { (paths) throws(KStackError) in try VaultPath.parse(paths) }
        let lock: DirectoryLock
        do throws(FileError) {
            lock = try folder.lock()
        } catch {
            throw KStackError(error)
        }
        var report = VaultReport()
        for layer in Layer.allCases {
            let names = chosen.map { $0.filter { $0.layer == layer }.map(\.name) }
            do throws(KStackError) {
                try decrypt(layer, names, overwrites: options.overwrites, into: &report)
            } catch {
                report.add(layer.name, .failed, error)
            }
        }
        _ = consume lock
        return report
    }

    /// Decrypts the files of one layer, or those of some names.
    private func decrypt(
        _ layer: Layer,
        _ chosen: [String]?,
        overwrites: Bool,
        into report: inout VaultReport
    ) throws(KStackError) {
        if let chosen, chosen.isEmpty { return }
        var results: [(String, VaultReport.Result, KStackError?)] = []
        let hasFolder: Void? = try withFolder(of: layer) { (folder) throws(KStackError) in
            try Self.removeLeftovers(in: folder)
            let encrypted = try Self.names(in: folder, .encrypted)
            for name in chosen ?? encrypted.compactMap({ VaultFiles.plaintextName(of: $0) }) {
                do throws(KStackError) {
                    results.append((name, try decrypt(name, in: folder, overwrites: overwrites), nil))
                } catch {
                    results.append((name, error.code == .conflict ? .conflict : .failed, error))
                }
            }
            try Self.synchronize(folder)
        }
        if hasFolder == nil {
            let missing = KStackError(.serviceNotFound, "there is no folder \(layer.name) in \(path)")
            results = (chosen ?? []).map { ($0, .failed, missing) }
        }
        for (name, result, error) in results { report.add("\(layer.name)/\(name)", result, error) }
    }

    /// Decrypts one file to its plaintext name.
    private func decrypt(
        _ name: String,
        in folder: borrowing Directory,
        overwrites: Bool
    ) throws(KStackError) -> VaultReport.Result {
        guard let file = try open(VaultFiles.encryptedName(of: name), in: folder) else {
            throw KStackError(
                .serviceNotFound,
                "there is no \(VaultFiles.encryptedName(of: name)) in \(folder.path)"
            )
        }
        if let plaintext = try open(name, in: folder) {
            if try decrypt(file, isEqualTo: plaintext) { return .unchanged }
            guard overwrites else {
                throw KStackError(
                    .conflict,
                    "\(folder.path(of: name)) differs from its encrypted form, and was left as it is; move it away, or "
                        + "decrypt with the flag that overwrites"
                )
            }
            // The file was read to its end for the comparison.
            guard let again = try open(VaultFiles.encryptedName(of: name), in: folder) else { return .failed }
            try write(again, to: name, in: folder, replacing: true)
        } else {
            try write(file, to: name, in: folder, replacing: false)
        }
        return .written
    }

    /// Whether a plaintext holds what an encrypted file holds.
    private func decrypt(
        _ file: consuming OpenFile,
        isEqualTo plaintext: consuming OpenFile
    ) throws(KStackError) -> Bool {
        let path = plaintext.path
        let sink: ComparingSink
        do throws(AgeError) {
            sink = try ComparingSink(with: plaintext)
        } catch {
            throw KStackError(error, path: path)
        }
        let compared = try decrypt(file, to: sink)
        do throws(AgeError) {
            return try compared.finish()
        } catch {
            throw KStackError(error, path: path)
        }
    }

    /// Decrypts a file to a new one, which gets its name when all of it is authentic and on the disk.
    private func write(
        _ file: consuming OpenFile,
        to name: String,
        in folder: borrowing Directory,
        replacing: Bool
    ) throws(KStackError) {
        let temporary: TemporaryFile
        do throws(FileError) {
            temporary = try TemporaryFile.make(in: folder)
        } catch {
            throw KStackError(error)
        }
        var written = try decrypt(file, to: FileSink(temporary)).finish()
        do throws(FileError) {
            if replacing { try written.replace(name) } else { try written.create(name) }
        } catch {
            guard error.kind == .exists else { throw KStackError(error) }
            throw KStackError(.conflict, "\(error.path) came to be meanwhile, and was left as it is; decrypt again")
        }
    }

    /// Removes what a run that was killed left behind; nobody else writes here while the vault is locked.
    private static func removeLeftovers(in folder: borrowing Directory) throws(KStackError) {
        do throws(FileError) {
            for name in try folder.names() where name.hasPrefix(TemporaryFile.prefix) { try folder.remove(name) }
        } catch {
            throw KStackError(error)
        }
    }

    private static func synchronize(_ folder: borrowing Directory) throws(KStackError) {
        do throws(FileError) {
            try folder.synchronize()
        } catch {
            throw KStackError(error)
        }
    }
}
