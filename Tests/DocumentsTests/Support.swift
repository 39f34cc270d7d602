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

/// A generator of numbers that gives the same ones in every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
