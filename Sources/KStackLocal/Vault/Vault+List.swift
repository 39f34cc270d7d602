public import KStackAny
public import Sodium
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
    /// - Throws: `configuration` where a file is a link or not trusted; `io`.
    public func list(_ layer: Layer?, _ form: Form) throws(KStackError) -> FallibleArray<String> {
        var paths = FallibleArray<String>()
        for layer in layer.map({ [$0] }) ?? Layer.allCases {
            for name in try names(in: layer, form) {
                try mapError(KStackError.memory, paths.append("\(layer.name)/\(name)"))
            }
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
            for name in try Self.plaintextNames(of: names(in: layer, .encrypted)) {
                paths.append("\(layer.name)/\(name)")
            }
        }
        return paths
    }

    /// Whether some encrypted file lacks its plaintext; false where there is no encrypted file.
    public func isEncrypted() throws(KStackError) -> Bool {
        for layer in Layer.allCases {
            let plaintexts = try names(in: layer, .plaintext)
            var position = 0
            // Both are sorted.
            for name in try Self.plaintextNames(of: names(in: layer, .encrypted)) {
                while position < plaintexts.count, Self.comesFirst(plaintexts[position], name) { position += 1 }
                guard position < plaintexts.count, !Self.comesFirst(name, plaintexts[position]) else { return true }
            }
        }
        return false
    }

    /// The names of the files in a layer's folder, sorted, each looked at.
    ///
    /// - Throws: `configuration` where one is a link or not trusted; `io`.
    private func names(in layer: Layer, _ form: Form) throws(KStackError) -> FallibleArray<String> {
        let names = try withFolder(of: layer) { (folder) throws(KStackError) -> FallibleArray<String> in
            var result = FallibleArray<String>()
            for name in try Self.names(in: folder, form) {
                guard let status = try Self.status(of: name, in: folder) else { continue }
                try trust.check(status, path: folder.path(of: name))
                try mapError(KStackError.memory, result.append(name))
            }
            return result
        }
        return names ?? FallibleArray()
    }

    /// The names of the files in a layer's folder, sorted, links among them: whoever opens one refuses it.
    func allNames(in layer: Layer, _ form: Form) throws(KStackError) -> FallibleArray<String> {
        let names = try withFolder(of: layer) { (folder) throws(KStackError) -> FallibleArray<String> in
            try Self.names(in: folder, form)
        }
        return names ?? FallibleArray()
    }

    /// The plaintext names of all files in a layer's folder, in whichever form they are there, sorted.
    func allPlaintextNames(in layer: Layer) throws(KStackError) -> FallibleArray<String> {
        let plaintexts = try allNames(in: layer, .plaintext)
        let encrypted = try Self.plaintextNames(of: allNames(in: layer, .encrypted))
        return try mapError(KStackError.memory) { () throws(SodiumError) in
            var names = FallibleArray<String>()
            var position = 0
            // Both are sorted.
            for name in plaintexts {
                while position < encrypted.count, Self.comesFirst(encrypted[position], name) {
                    try names.append(encrypted[position])
                    position += 1
                }
                if position < encrypted.count, !Self.comesFirst(name, encrypted[position]) { position += 1 }
                try names.append(name)
            }
            try names.append(contentsOf: encrypted[position...])
            return names
        }
    }

    /// The plaintext names of all encrypted files in a layer's folder, sorted.
    func allEncryptedNames(in layer: Layer) throws(KStackError) -> FallibleArray<String> {
        try Self.plaintextNames(of: allNames(in: layer, .encrypted))
    }

    /// The plaintext names of encrypted files, sorted as those are.
    private static func plaintextNames(of encrypted: FallibleArray<String>) throws(KStackError) -> FallibleArray<String>
    {
        try mapError(KStackError.memory) { () throws(SodiumError) in
            try FallibleArray(encrypted.lazy.compactMap { VaultNaming.plaintextName(of: $0) })
        }
    }

    /// By bytes: to the file system two spellings of an accent are two names.
    private static func comesFirst(_ name: String, _ other: String) -> Bool {
        name.utf8.lexicographicallyPrecedes(other.utf8)
    }

    /// The names of hidden files in a layer's folder that may be plaintexts.
    func hiddenNames(in layer: Layer) throws(KStackError) -> FallibleArray<String> {
        let names = try withFolder(of: layer) { (folder) throws(KStackError) -> FallibleArray<String> in
            return try mapError(KStackError.file) { () throws(FileError) in
                try Self.names(in: folder) { (name) throws(FileError) in
                    guard VaultNaming.isHiddenPlaintext(name) else { return false }
                    return try folder.status(of: name)?.kind == .regular
                }
            }
        }
        return names ?? FallibleArray()
    }

    /// The names of files in a layer's folder that can be none of the vault because of their names.
    func invalidNames(in layer: Layer) throws(KStackError) -> FallibleArray<String> {
        let names = try withFolder(of: layer) { (folder) throws(KStackError) -> FallibleArray<String> in
            return try mapError(KStackError.file, Self.names(in: folder) { VaultNaming.isInvalid($0) })
        }
        return names ?? FallibleArray()
    }

    /// The names of the files in a folder, sorted, links among them: whoever opens one refuses it.
    private static func names(
        in folder: borrowing Directory,
        _ form: Form
    ) throws(KStackError) -> FallibleArray<String> {
        try mapError(KStackError.file) { () throws(FileError) in
            try names(in: folder) { (name) throws(FileError) in
                guard has(name, form) else { return false }
                return try folder.status(of: name)?.kind != .directory
            }
        }
    }

    /// The names in a folder that are wanted, sorted.
    private static func names(
        in folder: borrowing Directory,
        where isWanted: (String) throws(FileError) -> Bool
    ) throws(FileError) -> FallibleArray<String> {
        var result = FallibleArray<String>()
        for name in try folder.names() where try isWanted(name) {
            try mapError(FileError.memory(at: folder.path), result.append(name))
        }
        return result
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
        case .plaintext: VaultNaming.isPlaintext(name)
        case .encrypted: VaultNaming.plaintextName(of: name) != nil
        }
    }
}
