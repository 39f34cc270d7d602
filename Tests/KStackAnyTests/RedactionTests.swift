import Documents
import KStackAny
import Sodium
import Testing

/// What Swift itself prints of objects that hold secrets.
///
/// `SecretBytes` cannot be printed at all: it cannot be copied into an argument.
@Suite
struct RedactionTests {
    private static let canary = "canary-4711"

    @Test
    func credentialsPrintNoSecret() throws {
        let found = try credentials("\(Self.canary): \(Self.canary)\nnested: {k: \(Self.canary)}\n")
        for text in printings(of: found) { #expect(!text.contains(Self.canary)) }
    }

    @Test
    func documentsPrintNoSecret() throws {
        let document = try Document.parse(yaml: Array("k: \(Self.canary)\n".utf8).span)
        for text in printings(of: document) { #expect(!text.contains(Self.canary)) }
        for text in printings(of: document.root) { #expect(!text.contains(Self.canary)) }
    }

    /// All ways in which a value may end up in a log.
    private func printings(of value: Any) -> [String] {
        var dumped = ""
        dump(value, to: &dumped)
        var children = ""
        for child in Mirror(reflecting: value).children { children += "\(child.label ?? "") \(child.value)" }
        return ["\(value)", String(describing: value), String(reflecting: value), dumped, children]
    }
}
