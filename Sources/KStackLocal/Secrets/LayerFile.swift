import Documents
import KStackAny
import Sodium
import System

/// A file of secrets in the folder of a layer, after reading.
struct LayerFile {
    /// The layer whose folder it is in.
    let owner: Layer

    /// Its content, parsed.
    let document: Document

    /// The name of the file that was read: the plaintext, or its encrypted form.
    let name: String

    /// Its absolute path.
    let path: String

    /// Reads a file: the plaintext where it exists, else its encrypted form, decrypted in memory.
    ///
    /// - Parameters:
    ///   - name: the name of the plaintext.
    ///   - ignoring: called with the path of a file that no identity opens; nil makes that an error.
    /// - Returns: nil where the file is gone, or was ignored.
    static func read(
        _ name: String,
        of owner: Layer,
        in vault: Vault,
        ignoring: ((String) -> Void)?
    ) throws(KStackError) -> LayerFile? {
        let file = try vault.withFolder(of: owner) { (folder) throws(KStackError) -> LayerFile? in
            if let file = try vault.open(name, in: folder) {
                return LayerFile(owner: owner, document: try .read(file), name: name, path: file.path)
            }
            let encryptedName = VaultNaming.encryptedName(of: name)
            guard let file = try vault.open(encryptedName, in: folder) else { return nil }
            let path = file.path
            let limit = DocumentLimits.standard.bytes
            let plaintext: SecretBytes
            if let ignoring {
                guard let content = try vault.decryptIfMine(file, limit: limit) else {
                    ignoring(path)
                    return nil
                }
                plaintext = content
            } else {
                plaintext = try vault.decrypt(file, limit: limit)
            }
            let document = try Document.parse(plaintext.span, path: path)
            return LayerFile(owner: owner, document: document, name: encryptedName, path: path)
        }
        guard let read = file.flatMap({ $0 }) else { return nil }
        return read
    }

    /// The layers that it is shared with; none without `shared_with`.
    ///
    /// - Throws: `configuration` where `shared_with` is not a list of layers: who may see the file is never guessed.
    func sharedWith() throws(KStackError) -> Set<Layer> {
        guard let list = document.root["shared_with"], list.kind != .null else { return [] }
        guard list.kind == .sequence else {
            throw KStackError(
                .configuration,
                "\(path), line \(list.line): shared_with must be a list of layers, such as [layer1, layer3]"
            )
        }
        var layers: Set<Layer> = []
        for position in 0..<list.count {
            guard let element = list.element(at: position), let layer = try? Layer(parsing: element.string ?? "") else {
                throw KStackError(
                    .configuration,
                    "\(path), line \(list.element(at: position)?.line ?? list.line): shared_with names an invalid "
                        + "layer; use layer0, layer1, layer2, layer3"
                )
            }
            layers.insert(layer)
        }
        return layers
    }
}
