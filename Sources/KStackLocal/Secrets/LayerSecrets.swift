import Documents
import KStackAny
import Sodium

/// Puts together what a layer may see: the secrets of its own files, and those of others that are shared with it.
struct LayerSecrets {
    /// Keys that say something of a file and are none of its secrets.
    static let notData = ["shared_with", "description", "created", "status", "migration"]

    /// Where a key was found: which file, and which of its entries.
    private struct Origin {
        let file: Int
        let entry: Int
    }

    /// The vault of the environment.
    let vault: Vault

    /// The layer that asks.
    let layer: Layer

    /// Reads the files and merges them.
    ///
    /// - Throws: `serviceNotFound` where there is no secret for the layer; `configuration` for files that contradict one
    ///   another or are malformed; `vault` where an own file cannot be opened; `io`.
    func read() throws(KStackError) -> Credentials {
        var passedOver = 0
        // Own files first: they win, and their secrets come first.
        var files = try ownFiles()
        for other in Layer.allCases where other != layer { files += try filesShared(by: other, &passedOver) }
        let origins = try merge(files)
        guard !origins.isEmpty else { throw nothing(passedOver) }
        let used = Set(origins.map(\.file))
        let names = files.indices.filter(used.contains).map { "\(files[$0].owner.name)/\(files[$0].name)" }
        let document = try Self.document(of: origins, in: files)
        return try Credentials(
            mapping: document.root,
            source: "\(vault.path): \(KStackError.listing(names, of: names.count))"
        )
    }

    private func ownFiles() throws(KStackError) -> [LayerFile] {
        var files: [LayerFile] = []
        for name in try names(in: layer) {
            guard let file = try LayerFile.read(name, of: layer, in: vault, passingOver: nil) else { continue }
            guard file.document.root.kind != .null else { continue }
            guard file.document.root.kind == .mapping else {
                throw KStackError(.configuration, "\(file.path) must be a mapping of names to secrets")
            }
            _ = try file.sharedWith()
            files.append(file)
        }
        return files
    }

    private func filesShared(by other: Layer, _ passedOver: inout Int) throws(KStackError) -> [LayerFile] {
        var files: [LayerFile] = []
        var notOpened: [String] = []
        for name in try names(in: other) {
            let file = try LayerFile.read(name, of: other, in: vault) { notOpened.append($0) }
            // What is no mapping is shared with nobody.
            guard let file, try file.sharedWith().contains(layer) else { continue }
            files.append(file)
        }
        for path in notOpened {
            vault.log(
                .warning,
                "secrets for \(layer.name): \(path) is ignored, since none of your age keys can decrypt it"
            )
        }
        passedOver += notOpened.count
        return files
    }

    /// The plaintext names of the files of secrets in a layer's folder, sorted.
    private func names(in layer: Layer) throws(KStackError) -> [String] {
        var names: [String] = []
        for name in try vault.allPlaintextNames(in: layer) where name != LocalSecretsProvider.fileName {
            if Self.ends(name, ".yaml") { names.append(name) }
            if Self.ends(name, ".yml") {
                vault.log(.warning, "\(vault.path)/\(layer.name)/\(name) is not read: name it *.yaml")
            }
        }
        return names
    }

    /// By bytes, since an accent would make one character with the dot.
    private static func ends(_ name: String, _ suffix: String) -> Bool {
        name.utf8.reversed().starts(with: suffix.utf8.reversed())
    }

    /// Which entry of which file gives each secret, in the order of the files.
    ///
    /// - Throws: `configuration` for a nested value, and for a key of which it is not known who gives it.
    private func merge(_ files: [LayerFile]) throws(KStackError) -> [Origin] {
        var known: [[UInt8]: Origin] = [:]
        var origins: [Origin] = []
        for (index, file) in files.enumerated() {
            for entry in 0..<file.document.root.count {
                guard let (key, value) = file.document.root.entry(at: entry) else { continue }
                if let name = key.string, Self.notData.contains(name) {
                    // Who wants a secret of that name learns why there is none.
                    if name != "shared_with" {
                        vault.log(.info, "\(file.path), line \(key.line): '\(name)' is metadata, and no secret")
                    }
                    continue
                }
                guard value.kind == .scalar || value.kind == .null else {
                    throw KStackError(
                        .configuration,
                        "\(file.path), line \(key.line): the value is nested, and the secrets of a layer are strings; "
                            + "write its parts as keys of their own"
                    )
                }
                let text = key.bytes
                if let earlier = known[text] {
                    // An own file wins over one of another layer.
                    if files[earlier.file].owner == layer, file.owner != layer { continue }
                    throw contradiction(files[earlier.file], earlier.entry, file, key)
                }
                let origin = Origin(file: index, entry: entry)
                known[text] = origin
                origins.append(origin)
            }
        }
        return origins
    }

    /// The error for a key that two files of the same rank have.
    private func contradiction(
        _ first: LayerFile,
        _ entry: Int,
        _ second: LayerFile,
        _ key: DocumentNode
    ) -> KStackError {
        let line = first.document.root.entry(at: entry)?.key.line ?? 1
        let ways =
            second.owner == layer
            ? "keep it in one of them" : "give it another name in one of them, or write it into a file of \(layer.name)"
        return KStackError(
            .configuration,
            "\(first.path), line \(line), and \(second.path), line \(key.line), have the same key, so it is not known "
                + "which one \(layer.name) is to get; \(ways)"
        )
    }

    private func nothing(_ passedOver: Int) -> KStackError {
        let others =
            passedOver == 0
            ? "" : " (ignored, since none of your age keys can decrypt them: \(passedOver) files of other layers)"
        return KStackError(
            .serviceNotFound,
            "no secrets for \(layer.name) in environment '\(vault.environment.text)': no *.yaml in "
                + "\(vault.path)/\(layer.name) holds one, and no other layer shares one with it\(others)"
        )
    }

    /// One document with all secrets, so that the files can be wiped.
    private static func document(of origins: [Origin], in files: [LayerFile]) throws(KStackError) -> Document {
        try mapError(KStackError.document) { () throws(DocumentError) in
            var builder = try MappingBuilder()
            for origin in origins {
                guard let (key, value) = files[origin.file].document.root.entry(at: origin.entry) else { continue }
                try builder.append(key.textSpan, copying: value)
            }
            return builder.finish()
        }
    }
}

extension DocumentNode {
    /// The bytes of a key, for telling keys apart; a text would take two spellings of an accent for one.
    fileprivate var bytes: [UInt8] {
        let text = textSpan
        return text.indices.map { text[$0] }
    }
}
