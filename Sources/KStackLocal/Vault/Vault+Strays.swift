import KStackAny
import Sodium
import System

/// An encrypted file that no run and no look-up finds, because it is in no folder of a layer.
struct Stray {
    /// Its path relative to the vault.
    let path: String

    /// Where it belongs, in words.
    let place: String
}

extension Vault {
    /// How deep folders are looked into.
    private static let depthLimit = 16

    /// The `secret.*` files that are in the environment's folder, but directly in none of its layers' folders.
    ///
    /// Hidden folders are not looked into, and links are not followed.
    ///
    /// - Throws: `io` for a folder that cannot be read.
    func strays() throws(KStackError) -> FallibleArray<Stray> {
        var found = FallibleArray<Stray>()
        try mapError(KStackError.file, collect(from: folder, "", layer: nil, depth: 0, &found))
        try mapError(KStackError.memory, found.sort { LayerListing.comesFirst($0.path, $1.path) })
        return found
    }

    private func collect(
        from folder: borrowing Directory,
        _ prefix: String,
        layer: Layer?,
        depth: Int,
        _ found: inout FallibleArray<Stray>
    ) throws(FileError) {
        for entry in try folder.entries() where entry.name.utf8.first != UInt8(ascii: ".") {
            let name = entry.name
            if entry.kind == .directory, depth < Self.depthLimit {
                let here = depth == 0 ? Layer.allCases.first { $0.name == name } : layer
                do throws(FileError) {
                    let inner = try folder.directory(name)
                    let path = "\(prefix)\(KStackError.printable(name))/"
                    try collect(from: inner, path, layer: here, depth: depth + 1, &found)
                } catch  where [.notFound, .symbolicLink, .wrongKind].contains(error.kind) {
                    // It was another thing a moment ago; whoever opens it as a layer's folder tells of it.
                    continue
                }
            } else if entry.kind == .regular {
                // Directly in the folder of a layer is where it belongs.
                if layer != nil, depth == 1 { continue }
                guard VaultNaming.plaintextName(of: name) != nil else { continue }
                let place = layer.map { "\(path)/\($0.name)/\(name)" }
                let stray = Stray(
                    path: "\(prefix)\(name)",
                    place: place ?? "\(path)/<layer>/\(name), with layer0 to layer3 as <layer>"
                )
                try mapError(FileError.memory(at: path), found.append(stray))
            }
        }
    }
}

extension Stray {
    /// What to tell of it.
    func error(in vault: Vault) -> KStackError {
        KStackError(
            .configuration,
            "\(vault.path)/\(path) is in no folder of a layer, and is neither encrypted, decrypted nor looked up; move it "
                + "to \(place)"
        )
    }
}
