import Documents
import KStackAny
import Sodium

/// Collects the secrets that a layer may see: those of its own files, and those that other layers share with it.
struct LayerSecrets {
    /// Keys that are metadata of a file and not secrets.
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
        var ignored = 0
        // Own files first: they win, and their secrets come first.
        var files = try ownFiles()
        for other in Layer.allCases where other != layer { try addFiles(sharedBy: other, to: &files, &ignored) }
        let origins = try merge(files)
        guard !origins.isEmpty else { throw nothing(ignored) }
        // The secrets of a file are in a row.
        let starts = origins.indices.lazy.filter { $0 == 0 || origins[$0].file != origins[$0 - 1].file }
        let names = starts.map { "\(files[origins[$0].file].owner.name)/\(files[origins[$0].file].name)" }
        let source = "\(vault.path): \(KStackError.listing(names, of: starts.reduce(0) { count, _ in count + 1 }))"
        let document = try Self.document(of: origins, in: files)
        return try Credentials(mapping: document.root, source: source)
    }

    private func ownFiles() throws(KStackError) -> FallibleArray<LayerFile> {
        var files = FallibleArray<LayerFile>()
        for name in try names(in: layer) {
            guard let file = try LayerFile.read(name, of: layer, in: vault, ignoring: nil) else { continue }
            guard file.document.root.kind != .null else { continue }
            guard file.document.root.kind == .mapping else {
                throw KStackError(.configuration, "\(file.path) must be a mapping of names to secrets")
            }
            _ = try file.sharedWith()
            try mapError(KStackError.memory, files.append(file))
        }
        return files
    }

    private func addFiles(
        sharedBy other: Layer,
        to files: inout FallibleArray<LayerFile>,
        _ ignored: inout Int
    ) throws(KStackError) {
        var count = 0
        for name in try names(in: other) {
            let file = try LayerFile.read(name, of: other, in: vault) { path in
                count += 1
                vault.log(
                    .warning,
                    "secrets for \(layer.name): \(path) is ignored, since none of your age keys can decrypt it"
                )
            }
            // Only a mapping can be shared.
            guard let file, try file.sharedWith().contains(layer) else { continue }
            try mapError(KStackError.memory, files.append(file))
        }
        ignored += count
    }

    /// The plaintext names of the files of secrets in a layer's folder, sorted.
    private func names(in layer: Layer) throws(KStackError) -> FallibleArray<String> {
        var names = FallibleArray<String>()
        for name in try vault.allPlaintextNames(in: layer) where name != LocalSecretsProvider.fileName {
            if name.hasByteSuffix(".yaml") { try mapError(KStackError.memory, names.append(name)) }
            if name.hasByteSuffix(".yml") {
                vault.log(.warning, "\(vault.path)/\(layer.name)/\(name) is not read: name it *.yaml")
            }
        }
        return names
    }

    /// The file and entry of each secret, in the order of the files.
    ///
    /// - Throws: `configuration` for a nested value, and for a key that two files of the same rank have.
    private func merge(_ files: FallibleArray<LayerFile>) throws(KStackError) -> FallibleArray<Origin> {
        var known = FallibleIndex()
        var origins = FallibleArray<Origin>()
        for (index, file) in files.enumerated() {
            for entry in 0..<file.document.root.count {
                guard let (key, value) = file.document.root.entry(at: entry) else { continue }
                if let name = key.string, Self.notData.contains(name) {
                    // For those who miss a secret of that name.
                    if name != "shared_with" {
                        vault.log(.info, "\(file.path), line \(key.line): '\(name)' is metadata, not a secret")
                    }
                    continue
                }
                if let problem = Self.nesting(of: value, at: key, file.path) {
                    throw KStackError(.configuration, problem)
                }
                // By bytes: to Swift's strings two spellings of an accent are equal.
                let hash = key.textSpan.hash
                let position = known.position(hash: hash) { Self.hasKey(origins[$0], key, files) }
                if let position {
                    let earlier = origins[position]
                    // An own file wins over one of another layer.
                    if files[earlier.file].owner == layer, file.owner != layer { continue }
                    throw contradiction(files[earlier.file], earlier.entry, file, key)
                }
                try mapError(KStackError.memory) { () throws(SodiumError) in
                    try known.insert(hash: hash, position: origins.count)
                    try origins.append(Origin(file: index, entry: entry))
                }
            }
        }
        return origins
    }

    /// What is wrong with a nested value; nil where it is none.
    ///
    /// - Parameter isShown: whether the message shows the key, which may be a secret on the wrong side of a colon.
    static func nesting(
        of value: DocumentNode,
        at key: DocumentNode,
        isShown: Bool = false,
        _ path: String
    ) -> String? {
        guard value.kind == .mapping || value.kind == .sequence else { return nil }
        let name = isShown ? " of \(KStackError.quoted(key.string ?? ""))" : ""
        return "\(path), line \(key.line): the value\(name) is nested, and the secrets of a layer are strings; "
            + "write its parts as keys of their own"
    }

    private static func hasKey(_ origin: Origin, _ key: DocumentNode, _ files: FallibleArray<LayerFile>) -> Bool {
        guard let other = files[origin.file].document.root.entry(at: origin.entry)?.key else { return false }
        return other.textSpan.equals(key.textSpan)
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

    private func nothing(_ ignored: Int) -> KStackError {
        let others =
            ignored == 0
            ? "" : " (ignored, since none of your age keys can decrypt them: \(ignored) files of other layers)"
        return KStackError(
            .serviceNotFound,
            "no secrets for \(layer.name) in environment '\(vault.environment.text)': no *.yaml in "
                + "\(vault.path)/\(layer.name) holds one, and no other layer shares one with it\(others)"
        )
    }

    /// One document with all secrets, so that the files can be wiped.
    private static func document(
        of origins: FallibleArray<Origin>,
        in files: FallibleArray<LayerFile>
    ) throws(KStackError) -> Document {
        try mapError(KStackError.document) { () throws(DocumentError) in
            var builder = try MappingBuilder()
            for origin in origins {
                guard let (key, value) = files[origin.file].document.root.entry(at: origin.entry) else { continue }
                try builder.append(key.textSpan, copying: value)
            }
            return try builder.finish()
        }
    }
}
