import KStackAny
import Sodium
import System

/// An encrypted file outside of the layers' folders, which no run and no look-up finds.
struct Stray {
    /// Its path relative to the vault.
    let path: String

    /// Where it belongs, in words.
    let place: String
}

extension Vault {
    /// How deep folders are searched.
    private static let depthLimit = 16

    /// The `secret.*` files in the environment's folder that are not directly in the folder of a layer.
    ///
    /// Hidden folders are not searched, and links are not followed.
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
                    // It changed a moment ago; whoever opens it as a layer's folder reports it.
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
    /// The error that reports it.
    func error(in vault: Vault) -> KStackError {
        KStackError(
            .configuration,
            "\(vault.path)/\(path) is outside of the layers' folders, and is neither encrypted, decrypted nor looked "
                + "up; move it to \(place)"
        )
    }
}
