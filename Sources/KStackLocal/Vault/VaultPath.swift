import KStackAny

/// The place of a file in a vault: a layer's folder and a plaintext name.
struct VaultPath: Sendable {
    /// The layer whose folder it is in.
    let layer: Layer

    /// The plaintext name.
    let name: String

    /// Takes paths such as `layer3/cloud-credentials.yaml`; each counts once.
    ///
    /// - Throws: `invalidArgument` for a path of another shape.
    static func parse(_ paths: [String]) throws(KStackError) -> [VaultPath] {
        var result: [VaultPath] = []
        // Two spellings of one accent are two files, and one text to Swift.
        var seen: Set<[UInt8]> = []
        for path in paths {
            let parsed = try VaultPath(path)
            if seen.insert(Array(path.utf8)).inserted { result.append(parsed) }
        }
        return result
    }

    /// Whether a text is such a path.
    static func isValid(_ path: String) -> Bool {
        (try? VaultPath(path)) != nil
    }

    /// Takes one path.
    init(_ path: String) throws(KStackError) {
        let parts = path.utf8.split(separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let folder = String(parts[0]), let name = String(parts[1]),
            let layer = Layer.allCases.first(where: { $0.name == folder })
        else {
            throw KStackError(
                .invalidArgument,
                "invalid path \(KStackError.quoted(path)): give one such as layer3/cloud-credentials.yaml"
            )
        }
        self.layer = layer
        self.name = try VaultFiles.checked(name).text
    }
}
