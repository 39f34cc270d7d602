import KStackAny
import Sodium

/// The place of a file in a vault: a layer's folder and a plaintext name.
struct VaultFilePath: Sendable {
    /// The layer whose folder it is in.
    let layer: Layer

    /// The plaintext name.
    let name: String

    /// Parses paths such as `layer3/cloud-credentials.yaml`; each counts once.
    ///
    /// - Throws: `invalidArgument` for a path of another shape.
    static func parse(_ paths: FallibleArray<String>) throws(KStackError) -> FallibleArray<VaultFilePath> {
        var result = FallibleArray<VaultFilePath>()
        var known = FallibleIndex()
        for path in paths {
            let parsed = try VaultFilePath(path)
            let hash = path.utf8.span.hash
            guard known.position(hash: hash, where: { result[$0].isSame(as: parsed) }) == nil else { continue }
            try mapError(KStackError.memory) { () throws(SodiumError) in
                try known.insert(hash: hash, position: result.count)
                try result.append(parsed)
            }
        }
        return result
    }

    /// By bytes: two spellings of one accent are two files, but equal strings to Swift.
    private func isSame(as other: VaultFilePath) -> Bool {
        layer == other.layer && name.utf8.elementsEqual(other.name.utf8)
    }

    /// Whether a string is such a path.
    static func isValid(_ path: String) -> Bool {
        (try? VaultFilePath(path)) != nil
    }

    /// Parses one path.
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
        self.name = try VaultNaming.checked(name).text
    }
}
