public import KStackAny
import Sodium
import System

extension Vault {
    /// The two forms of a file.
    public enum Form: Sendable {
        case plaintext
        case encrypted
    }

    /// The files of a layer, or of all layers, as sorted paths relative to the vault.
    ///
    /// - Parameter layer: nil for all four.
    /// - Throws: `configuration` where a file is a link or not to be trusted; `io`.
    public func list(_ layer: Layer?, _ form: Form) throws(KStackError) -> [String] {
        var paths: [String] = []
        for layer in layer.map({ [$0] }) ?? Layer.allCases {
            for name in try names(in: layer, form) { paths.append("\(layer.name)/\(name)") }
        }
        for stray in try strays() { log(.warning, stray.error(in: self).message) }
        return paths
    }

    /// The encrypted files of layers by the names of their plaintexts, which is how commands take them.
    ///
    /// - Throws: as `list`.
    public func encryptedFiles(of layers: [Layer]) throws(KStackError) -> [String] {
        var paths: [String] = []
        for layer in layers {
            for name in try names(in: layer, .encrypted).compactMap({ VaultFiles.plaintextName(of: $0) }) {
                paths.append("\(layer.name)/\(name)")
            }
        }
        return paths
    }

    /// Whether some encrypted file lacks its plaintext; false where there is no encrypted file.
    public func isEncrypted() throws(KStackError) -> Bool {
        for layer in Layer.allCases {
            // By bytes: to the file system two spellings of an accent are two names.
            let plaintexts = Set(try names(in: layer, .plaintext).map { Array($0.utf8) })
            for name in try names(in: layer, .encrypted) {
                guard let plaintext = VaultFiles.plaintextName(of: name) else { continue }
                if !plaintexts.contains(Array(plaintext.utf8)) { return true }
            }
        }
        return false
    }

    /// The names of the files in a layer's folder, sorted, each looked at.
    ///
    /// - Throws: `configuration` where one is a link or not to be trusted; `io`.
    private func names(in layer: Layer, _ form: Form) throws(KStackError) -> [String] {
        let names = try withFolder(of: layer) { (folder) throws(KStackError) -> [String] in
            var result: [String] = []
            for name in try Self.names(in: folder, form) {
                guard let status = try Self.status(of: name, in: folder) else { continue }
                try trust.check(status, path: folder.path(of: name))
                result.append(name)
            }
            return result
        }
        return names ?? []
    }

    /// The names of the files in a layer's folder, sorted, links among them: whoever opens one refuses it.
    func allNames(in layer: Layer, _ form: Form) throws(KStackError) -> [String] {
        let names = try withFolder(of: layer) { (folder) throws(KStackError) -> [String] in
            try Self.names(in: folder, form)
        }
        return names ?? []
    }

    /// The plaintext names of all files in a layer's folder, in whichever form they are there, sorted.
    func allPlaintextNames(in layer: Layer) throws(KStackError) -> [String] {
        // By bytes: to the file system two spellings of an accent are two names.
        var names: [[UInt8]: String] = [:]
        for name in try allNames(in: layer, .plaintext) { names[Array(name.utf8)] = name }
        for name in try allNames(in: layer, .encrypted).compactMap({ VaultFiles.plaintextName(of: $0) }) {
            names[Array(name.utf8)] = name
        }
        return names.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
    }

    /// The names of hidden files in a layer's folder that may be plaintexts.
    func hiddenNames(in layer: Layer) throws(KStackError) -> [String] {
        let names = try withFolder(of: layer) { (folder) throws(KStackError) -> [String] in
            return try mapError(KStackError.file) { () throws(FileError) in
                var result: [String] = []
                for name in try folder.names() where VaultFiles.isHiddenPlaintext(name) {
                    if try folder.status(of: name)?.kind == .regular { result.append(name) }
                }
                return result
            }
        }
        return names ?? []
    }

    /// The names of files in a layer's folder that can be none of the vault because of their names.
    func namesOutOfGrammar(in layer: Layer) throws(KStackError) -> [String] {
        let names = try withFolder(of: layer) { (folder) throws(KStackError) -> [String] in
            return try mapError(KStackError.file, folder.names().filter { VaultFiles.isOutOfGrammar($0) })
        }
        return names ?? []
    }

    /// The names of the files in a folder, sorted, links among them: whoever opens one refuses it.
    private static func names(in folder: borrowing Directory, _ form: Form) throws(KStackError) -> [String] {
        try mapError(KStackError.file) { () throws(FileError) in
            var result: [String] = []
            for name in try folder.names() where has(name, form) {
                if try folder.status(of: name)?.kind != .directory { result.append(name) }
            }
            return result
        }
    }

    /// What a regular file is; nil for what is no file, or is gone by now.
    private static func status(
        of name: String,
        in folder: borrowing Directory
    ) throws(KStackError) -> FileStatus? {
        try mapError(KStackError.file) { () throws(FileError) in
            guard let status = try folder.status(of: name) else { return nil }
            guard status.kind != .symbolicLink else { throw FileError(.symbolicLink, path: folder.path(of: name)) }
            return status.kind == .regular ? status : nil
        }
    }

    private static func has(_ name: String, _ form: Form) -> Bool {
        switch form {
        case .plaintext: VaultFiles.isPlaintext(name)
        case .encrypted: VaultFiles.plaintextName(of: name) != nil
        }
    }
}
