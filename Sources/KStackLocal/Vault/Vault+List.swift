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
                let fileName = form == .plaintext ? name : VaultNaming.encryptedName(of: name)
                try mapError(KStackError.memory, paths.append("\(layer.name)/\(fileName)"))
            }
        }
        for stray in try strays() { log(.warning, stray.error(in: self).message) }
        return paths
    }

    /// The encrypted files of layers by the names of their plaintexts, as commands take them.
    ///
    /// - Throws: as `list`.
    public func encryptedFiles(of layers: [Layer]) throws(KStackError) -> [String] {
        var paths: [String] = []
        for layer in layers {
            for name in try names(in: layer, .encrypted) { paths.append("\(layer.name)/\(name)") }
        }
        return paths
    }

    /// Whether some encrypted file lacks its plaintext; false where there is no encrypted file.
    public func isEncrypted() throws(KStackError) -> Bool {
        for layer in Layer.allCases {
            let plaintexts = try names(in: layer, .plaintext)
            var position = 0
            // Both are sorted.
            for name in try names(in: layer, .encrypted) {
                while position < plaintexts.count, LayerListing.comesFirst(plaintexts[position], name) { position += 1 }
                guard position < plaintexts.count, !LayerListing.comesFirst(name, plaintexts[position]) else {
                    return true
                }
            }
        }
        return false
    }

    /// The plaintext names of all files in a layer's folder, in either form, sorted, including links: whoever opens
    /// one refuses it.
    func allPlaintextNames(in layer: Layer) throws(KStackError) -> FallibleArray<String> {
        let names = try withFolder(of: layer) { (folder) throws(KStackError) in
            let listing = try LayerListing(of: folder)
            return try mapError(KStackError.memory, listing.all())
        }
        return names ?? FallibleArray()
    }

    /// The plaintext names of the files of one form in a layer's folder, sorted, each of them checked.
    ///
    /// - Throws: `configuration` where one is a link or not trusted; `io`.
    private func names(in layer: Layer, _ form: Form) throws(KStackError) -> FallibleArray<String> {
        let names = try withFolder(of: layer) { (folder) throws(KStackError) -> FallibleArray<String> in
            let listing = try LayerListing(of: folder)
            var result = FallibleArray<String>()
            for name in form == .plaintext ? listing.plaintexts : listing.encrypted {
                let fileName = form == .plaintext ? name : VaultNaming.encryptedName(of: name)
                guard let status = try Self.status(of: fileName, in: folder) else { continue }
                try trust.check(status, path: folder.path(of: fileName))
                try mapError(KStackError.memory, result.append(name))
            }
            return result
        }
        return names ?? FallibleArray()
    }

    /// The status of a regular file; nil for anything else, and for one that is gone by now.
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
}
