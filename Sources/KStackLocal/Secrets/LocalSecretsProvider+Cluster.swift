import Documents
public import KStackAny

/// The limits of a Kubernetes Secret, for vaults that are handed over to a cluster.
///
/// Source: the API reference of Secret v1.
public enum ClusterSecret {
    /// How many bytes the values of a Secret may have in total.
    public static let largest = 1 << 20
}

extension LocalSecretsProvider {
    /// What no Kubernetes Secret can hold, or no look-up can return, in the files of a layer; files that no identity
    /// opens are ignored.
    ///
    /// - Throws: `configuration` for files that are malformed; `io`.
    public func clusterProblems(of layer: Layer, environment: Name) throws(KStackError) -> [String] {
        let vault = try openVault(environment)
        var problems: [String] = []
        for name in try vault.allPlaintextNames(in: layer) where name.hasByteSuffix(".yaml") {
            let file = try LayerFile.read(name, of: layer, in: vault) { _ in }
            guard let file, file.document.root.kind == .mapping else { continue }
            let isOfServices = name == Self.fileName
            if !isOfServices { Self.checkSecrets(of: file.document.root, file.path, &problems) }
            for position in 0..<file.document.root.count where isOfServices {
                guard let (key, value) = file.document.root.entry(at: position), value.kind == .mapping else {
                    continue
                }
                let service = key.string ?? ""
                if service == Self.providersKey { continue }
                if !Name.isValid(service) {
                    problems.append(
                        "\(file.path), line \(key.line): \(KStackError.quoted(service)) cannot be part of the name of a "
                            + "Secret; use lower-case letters, digits and inner hyphens"
                    )
                }
                Self.checkKeys(of: value, file.path, &problems)
            }
        }
        return problems
    }

    /// Checks a file of layer secrets, where a nested value breaks every look-up of the layer.
    private static func checkSecrets(of mapping: DocumentNode, _ path: String, _ problems: inout [String]) {
        for position in 0..<mapping.count {
            guard let (key, value) = mapping.entry(at: position) else { continue }
            guard !LayerSecrets.notData.contains(key.string ?? "") else { continue }
            if let problem = LayerSecrets.nesting(of: value, at: key, isShown: true, path) { problems.append(problem) }
        }
        checkKeys(of: mapping, ignoring: LayerSecrets.notData, path, &problems)
    }

    private static func checkKeys(
        of mapping: DocumentNode,
        ignoring metadata: [String] = [],
        _ path: String,
        _ problems: inout [String]
    ) {
        var size = 0
        for position in 0..<mapping.count {
            guard let (key, value) = mapping.entry(at: position) else { continue }
            let name = key.string ?? ""
            if metadata.contains(name) { continue }
            size += name.utf8.count + value.textSpan.count
            guard !ConfigMapKey.isValid(name) else { continue }
            problems.append(
                "\(path), line \(key.line): \(KStackError.quoted(name)) cannot be a key of a Secret; use letters, digits, "
                    + "'-', '_' and '.'"
            )
        }
        guard size > ClusterSecret.largest else { return }
        problems.append(
            "\(path), line \(mapping.line): \(size) bytes, and a Secret holds at most \(ClusterSecret.largest >> 20) MiB"
        )
    }
}
