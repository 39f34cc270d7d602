import ArgumentParser
import KStackAny

/// A file of a vault, `LAYER/FILE`.
struct VaultFileName: ExpressibleByArgument {
    let layer: String
    let name: String

    init?(argument: String) {
        let parts = argument.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        layer = String(parts[0])
        name = String(parts[1])
    }

    /// The layer that the path begins with.
    func parsedLayer() throws(KStackError) -> Layer {
        try Layer(parsing: layer)
    }

    /// The path relative to the vault.
    func path() throws(KStackError) -> String { "\(try parsedLayer().name)/\(name)" }
}
