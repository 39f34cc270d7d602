import Documents
import Sodium

/// Parses a string.
func parse(_ text: String, limits: DocumentLimits = .standard) throws(DocumentError) -> DocumentNode {
    try parse(Array(text.utf8), limits: limits)
}

/// Parses bytes.
func parse(_ bytes: [UInt8], limits: DocumentLimits = .standard) throws(DocumentError) -> DocumentNode {
    try Document.parse(yaml: bytes.span, limits: limits).root
}

/// The error that a string gives, or nil if it gives none.
func failure(_ text: String, limits: DocumentLimits = .standard) -> DocumentError? {
    failure(Array(text.utf8), limits: limits)
}

/// The error that bytes give, or nil if they give none.
func failure(_ bytes: [UInt8], limits: DocumentLimits = .standard) -> DocumentError? {
    do {
        _ = try parse(bytes, limits: limits)
        return nil
    } catch {
        return error
    }
}

/// The string of a scalar or key, whatever its bytes are.
func text(_ node: DocumentNode?) -> String? {
    guard let node else { return nil }
    return node.withUnsafeText { String(decoding: $0, as: UTF8.self) }
}

/// The JSON of a value.
func json(_ node: DocumentNode) throws -> String? {
    guard let json = try node.json() else { return nil }
    return json.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
}

/// The keys of a mapping in their order.
func keys(_ node: DocumentNode) -> [String] {
    (0..<node.count).compactMap { text(node.entry(at: $0)?.key) }
}
