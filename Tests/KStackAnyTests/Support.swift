import Documents
import KStackAny
import Sodium
import TestSupport
import Testing

/// The error of a call, or nil if it succeeds.
func failure(_ body: () throws -> Void) -> KStackError? {
    caught(KStackError.self, body)
}

/// Credentials from a mapping.
func credentials(_ yaml: String, source: String = "/vault/file.yaml") throws -> Credentials {
    try Credentials(mapping: Document.parse(yaml: Array(yaml.utf8).span).root, source: source)
}

extension Credentials {
    /// The string in a range.
    func text(_ place: Range<Int>?) -> String? {
        place.map { place in arena.withUnsafeBytes { String(decoding: $0[place], as: UTF8.self) } }
    }

    /// The byte after a string.
    func end(of place: Range<Int>?) -> UInt8? {
        place.map { place in arena.withUnsafeBytes { $0[place.upperBound] } }
    }

    /// All names and values in their order.
    var pairs: [String] {
        (0..<count).map { "\(text(name(at: $0)) ?? "?")=\(text(value(at: $0)) ?? "?")" }
    }

    /// The value of a name.
    subscript(name: String) -> String? {
        text(value(named: Array(name.utf8).span))
    }
}
