import Documents
import KStackAny
import KStackLocal
import Sodium

/// Changes entries of YAML in memory; comments, order and all other bytes stay.
enum YAMLFile {
    /// Warns that a plaintext next to the file does not have the change.
    static func tellOfPlaintext(_ vault: Vault, _ layer: Layer, _ name: String) {
        guard (try? vault.pathOfPlaintext(layer, name)) != nil else { return }
        Output.tell(
            "kstack: the plaintext next to it does not have this change; run kstack decrypt \(layer.name)/\(name)"
        )
    }

    /// The content with another value for a key.
    static func setting(
        _ key: String,
        to value: borrowing SecretBytes,
        in yaml: borrowing SecretBytes,
        path: String
    ) throws(KStackError) -> SecretBytes {
        try setting(YAMLKey.path(of: key, in: yaml, path: path), to: value, in: yaml, path: path)
    }

    /// As above, for a path of keys, which may have dots in them.
    static func setting(
        _ keys: [String],
        to value: borrowing SecretBytes,
        in yaml: borrowing SecretBytes,
        path: String
    ) throws(KStackError) -> SecretBytes {
        let quoted = try quoted(value)
        let found = try find(keys, in: yaml, path: path)
        var changed = try mapError(KStackError.memory, SecretBytes(minimumCapacity: yaml.count + 256))
        switch found {
        case .present(_, let place, let isScalar):
            guard isScalar else {
                throw KStackError(
                    .configuration,
                    "\(path): '\(keys.joined(separator: "."))' holds a mapping or a list; name one of its keys"
                )
            }
            try Values.append(yaml.span.extracting(0..<place.lowerBound), to: &changed)
            if place.isEmpty { try Values.append(" ", to: &changed) }
            try Values.append(quoted.span, to: &changed)
            // A block scalar ends with its line.
            let text = yaml.span
            let endsLine = !place.isEmpty && text[place.upperBound - 1] == UInt8(ascii: "\n")
            if endsLine { try Values.append("\n", to: &changed) }
            try Values.append(text.extracting(place.upperBound..<text.count), to: &changed)
        case .absent(let end, let column, let depth):
            let text = yaml.span
            var line = end
            while line < text.count, text[line] != UInt8(ascii: "\n") { line += 1 }
            // A block scalar ends after its line, and one more line would be part of it.
            if end > 0, text[end - 1] == UInt8(ascii: "\n") { line = end - 1 }
            try Values.append(text.extracting(0..<line), to: &changed)
            if changed.count > 0 { try Values.append("\n", to: &changed) }
            for (index, part) in keys[depth...].enumerated() {
                let indent = String(repeating: " ", count: column + 2 * index)
                try Values.append(
                    "\(indent)\(Values.quoted(part)):\(depth + index == keys.count - 1 ? " " : "\n")",
                    to: &changed
                )
            }
            try Values.append(quoted.span, to: &changed)
            try Values.append(line < text.count ? "" : "\n", to: &changed)
            try Values.append(text.extracting(line..<text.count), to: &changed)
        case .unreachable(let line): throw unreachable(path, line)
        }
        return try checked(changed, against: yaml, but: keys, path: path)
    }

    /// The content without an entry.
    static func removing(
        _ key: String,
        from yaml: borrowing SecretBytes,
        path: String
    ) throws(KStackError) -> SecretBytes {
        let text = yaml.span
        let keys = try YAMLKey.path(of: key, in: yaml, path: path)
        switch try find(keys, in: yaml, path: path) {
        case .present(let entry, _, _):
            var start = entry.lowerBound
            while start > 0, text[start - 1] != UInt8(ascii: "\n") { start -= 1 }
            var end = entry.upperBound
            if end == 0 || text[end - 1] != UInt8(ascii: "\n") {
                while end < text.count, text[end] != UInt8(ascii: "\n") { end += 1 }
                end = min(end + 1, text.count)
            }
            var changed = try mapError(KStackError.memory, SecretBytes(minimumCapacity: text.count))
            try Values.append(text.extracting(0..<start), to: &changed)
            try Values.append(text.extracting(end..<text.count), to: &changed)
            return try checked(changed, against: yaml, but: keys, path: path)
        case .absent: throw KStackError(.serviceNotFound, "\(path) has no '\(key)'; see kstack cat \(path)")
        case .unreachable(let line): throw unreachable(path, line)
        }
    }

    private static func unreachable(_ path: String, _ line: Int) -> KStackError {
        KStackError(
            .configuration,
            "\(path), line \(line): this is written in braces, or is not a mapping; change it with kstack edit \(path)"
        )
    }

    private static func find(
        _ keys: [String],
        in yaml: borrowing SecretBytes,
        path: String
    ) throws(KStackError) -> YAMLEntry {
        try mapError(KStackError.document(at: path)) { () throws(DocumentError) in
            // A file that no look-up could read is reported before anything is changed.
            _ = try Document.parse(yaml: yaml.span)
            return try YAMLEntry.find(keys, in: yaml.span)
        }
    }

    /// Checks that the changed file, read as a look-up will read it, is the same but for one entry.
    private static func checked(
        _ yaml: consuming SecretBytes,
        against before: borrowing SecretBytes,
        but keys: [String],
        path: String
    ) throws(KStackError) -> SecretBytes {
        let isSame: Bool
        do throws(DocumentError) {
            let old = try Document.parse(yaml: before.span)
            let new = try Document.parse(yaml: yaml.span)
            isSame = YAMLKey.areSame(old.root, new.root, but: keys[...])
        } catch {
            throw KStackError(
                .configuration,
                "\(path): cannot be changed there (\(error.description)); use kstack edit \(path)"
            )
        }
        guard isSame else {
            throw KStackError(
                .configuration,
                "\(path): cannot be changed without changing more; use kstack edit \(path)"
            )
        }
        return yaml
    }

    /// A value in double quotes, as JSON and YAML have it.
    private static func quoted(_ value: borrowing SecretBytes) throws(KStackError) -> SecretBytes {
        let form = try mapError(KStackError.document) { () throws(DocumentError) in
            var builder = try MappingBuilder()
            try builder.append("v".utf8.span, text: value.span)
            return try builder.finish().root["v"]?.json()
        }
        guard let form else { throw KStackError(.invalidArgument, "the value is not UTF-8, which YAML cannot hold") }
        var text = try mapError(KStackError.memory, SecretBytes(minimumCapacity: form.count))
        try Values.appendEscaping(form.span, to: &text)
        return text
    }
}
