import Documents
import KStackAny
import KStackLocal
import Sodium

/// The names of secrets, for people who have to change them.
enum SecretNames {
    /// The names of the secrets in a file, with dots between keys; none where it is not YAML, or cannot be read.
    static func names(in vault: Vault, _ path: String) -> [String] {
        guard path.hasByteSuffix(".yaml"), let slash = path.firstIndex(of: "/") else { return [] }
        do throws(KStackError) {
            let name = String(path[path.index(after: slash)...])
            return try names(of: vault.read(Layer(parsing: String(path[..<slash])), name))
        } catch {
            return []
        }
    }

    private static func names(of yaml: borrowing SecretBytes) -> [String] {
        var found: [String] = []
        do throws(DocumentError) {
            collect(try Document.parse(yaml: yaml.span).root, under: "", into: &found)
        } catch {
            return []
        }
        return found
    }

    private static func collect(_ node: DocumentNode, under prefix: String, into found: inout [String]) {
        for position in 0..<node.count where node.kind == .mapping {
            guard let (key, value) = node.entry(at: position), let name = key.string else { continue }
            let path = prefix + KStackError.printable(name)
            if value.kind == .mapping {
                collect(value, under: "\(path).", into: &found)
            } else {
                found.append(path)
            }
        }
    }
}
