import Documents
import KStackAny
import Sodium

/// Keys as people type them, with dots between them.
enum YAMLKey {
    /// The keys that lead to an entry.
    ///
    /// A key of the file that has dots itself, such as `tls.crt`, is taken as one; where there is none yet, `\\.` writes a dot.
    static func path(of text: String, in yaml: borrowing SecretBytes, path: String) throws(KStackError) -> [String] {
        let parts = Self.parts(of: text)
        guard parts.allSatisfy({ !$0.isEmpty }) else {
            throw KStackError(
                .invalidArgument,
                "invalid key \(KStackError.quoted(text)): use keys with dots between them, and \\. for a dot in a key"
            )
        }
        return try mapError(
            KStackError.document(at: path),
            resolved(parts[...], in: Document.parse(yaml: yaml.span).root)
        )
    }

    private static func parts(of text: String) -> [String] {
        var parts = [""]
        var isEscaped = false
        for character in text {
            switch character {
            case "\\" where !isEscaped: isEscaped = true
            case "." where !isEscaped: parts.append("")
            default:
                if isEscaped, character != ".", character != "\\" { parts[parts.count - 1].append("\\") }
                parts[parts.count - 1].append(character)
                isEscaped = false
            }
        }
        if isEscaped { parts[parts.count - 1].append("\\") }
        return parts
    }

    /// Chooses the longest key that a mapping has, at each level.
    private static func resolved(_ parts: ArraySlice<String>, in node: DocumentNode?) -> [String] {
        guard let first = parts.first else { return [] }
        if let node, node.kind == .mapping {
            for count in stride(from: parts.count, to: 0, by: -1) {
                let key = parts.prefix(count).joined(separator: ".")
                if let value = node[key] { return [key] + resolved(parts.dropFirst(count), in: value) }
            }
        }
        return [first] + resolved(parts.dropFirst(), in: nil)
    }

    /// Whether two documents are equal but for the value at a path of keys, and the mappings that were added for it.
    static func areSame(_ old: DocumentNode, _ new: DocumentNode, but keys: ArraySlice<String>) -> Bool {
        guard old.kind == new.kind else { return !keys.isEmpty && (old.kind == .null || new.kind == .null) }
        switch old.kind {
        case .mapping:
            let left = entries(of: old, without: keys.first)
            let right = entries(of: new, without: keys.first)
            guard left.count == right.count else { return false }
            for (one, other) in zip(left, right) where one.key != other.key || !areSame(one.value, other.value, but: [])
            {
                return false
            }
            guard let key = keys.first, keys.count > 1, let one = old[key], let other = new[key] else { return true }
            return areSame(one, other, but: keys.dropFirst())
        case .sequence:
            guard old.count == new.count else { return false }
            return (0..<old.count).allSatisfy { position in
                guard let one = old.element(at: position), let other = new.element(at: position) else { return false }
                return areSame(one, other, but: [])
            }
        case .null: return true
        case .scalar: return SecretBytes.constantTimeEquals(old.textSpan, new.textSpan)
        }
    }

    private static func entries(
        of mapping: DocumentNode,
        without key: String?
    ) -> [(key: String, value: DocumentNode)] {
        (0..<mapping.count).compactMap { position in
            guard let (name, value) = mapping.entry(at: position), name.string != key else { return nil }
            return (name.string ?? "", value)
        }
    }
}
