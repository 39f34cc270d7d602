import Documents
import Sodium

/// The violations in a file of configuration, collected so that one error names all of them.
struct SchemaViolations {
    /// How many bytes of a message they may take; the others are counted.
    private static let limit = 3000

    private let source: String
    private var shown: [String] = []
    private var size = 0
    private var others = 0

    /// Starts without violations.
    init(in source: String) {
        self.source = source
    }

    /// Adds a violation.
    ///
    /// - Parameters:
    ///   - path: where in the file, as keys with dots between them.
    ///   - found: the value that is there; nil where there is none.
    ///   - allowed: what may be there.
    ///   - isShown: whether a string may be shown, as those of known keys may.
    mutating func add(_ path: String, found: DocumentNode?, allowed: String, isShown: Bool = true) {
        let line = found.map { "line \($0.line): " } ?? ""
        let place = path.utf8.count <= 500 ? path : String(path.unicodeScalars.prefix(100)) + "…"
        let what = isShown || found?.kind != .scalar ? Self.describe(found) : "a string"
        let text = "\(line)\(place) is \(what), expected \(allowed)"
        // The first is always shown: its parts are short.
        guard shown.isEmpty || others == 0 && size + text.utf8.count <= Self.limit else {
            others += 1
            return
        }
        size += text.utf8.count
        shown.append(text)
    }

    /// Throws an error with the violations, if there are any.
    func conclude() throws(KStackError) {
        guard !shown.isEmpty else { return }
        let rest = others > 0 ? "; and \(others) more" : ""
        throw KStackError(
            .configuration,
            "\(source) is invalid: \(shown.joined(separator: "; "))\(rest)"
        )
    }

    /// The error for a file that is not a mapping.
    static func noMapping(_ file: ConfigurationFile, keys: String) -> KStackError {
        let root = file.document.root
        return KStackError(
            .configuration,
            "\(file.source) is invalid: line \(root.line): found \(describe(root)), expected a mapping "
                + "with \(keys)"
        )
    }

    /// The path of a key below another; a key that is not a plain name is quoted.
    static func path(_ base: String, _ key: String) -> String {
        let isPlain = !key.isEmpty && key.utf8.count <= 64 && key.utf8.allSatisfy(isPlain)
        return "\(base)\(base.isEmpty ? "" : ".")\(isPlain ? key : KStackError.quoted(key))"
    }

    /// Whether a byte needs no quotes in a path.
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte.isASCIILetter || byte.isASCIIDigit || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
    }

    /// The kind of a value, or its string, which is not a secret in a configuration file.
    private static func describe(_ node: DocumentNode?) -> String {
        switch node?.kind {
        case nil: "missing"
        case .null: "null"
        case .sequence: "a list"
        case .mapping: "a mapping"
        case .scalar: node?.string.map { KStackError.quoted($0) } ?? "a long string"
        }
    }
}

extension SchemaViolations {
    /// The string under a key; nil where the key is absent or null, or where it is not a string, which is a violation.
    mutating func text(_ node: DocumentNode, _ key: String, at base: String, allowed: String) -> String? {
        guard let value = node[key], value.kind != .null else { return nil }
        guard value.kind == .scalar, let text = value.string, !text.isEmpty, !text.utf8.contains(0) else {
            add(Self.path(base, key), found: value, allowed: allowed)
            return nil
        }
        return text
    }

    /// One of the allowed words, under a required key; nil for any other, which is a violation.
    mutating func word(_ node: DocumentNode, _ key: String, of words: [String]) -> String? {
        if let value = node[key], value.kind == .scalar, let text = value.string, words.contains(text) { return text }
        add(key, found: node[key], allowed: words.joined(separator: ", "))
        return nil
    }

    /// The boolean under a key; nil where the key is absent or null, or where it is not one, which is a violation.
    mutating func truth(_ node: DocumentNode, _ key: String, at base: String) -> Bool? {
        guard let value = node[key], value.kind != .null else { return nil }
        switch value.string {
        case "true": return true
        case "false": return false
        default:
            add(Self.path(base, key), found: value, allowed: "true, false")
            return nil
        }
    }
}
