import Documents
import Sodium

extension Credentials {
    /// The same without some names; nested values stay nested in the JSON.
    func leavingOut(_ names: [String]) throws(KStackError) -> Credentials {
        guard names.contains(where: { value(named: $0.utf8.span) != nil }) else { return self }
        guard let json else {
            return try leavingOutWithoutJSON(names)
        }
        let document = try mapError(KStackError.document) { () throws(DocumentError) in
            let all = try arena.parseJSON(at: json)
            var builder = try MappingBuilder()
            for position in 0..<all.root.count {
                guard let (key, value) = all.root.entry(at: position), !names.contains(key.string ?? "") else {
                    continue
                }
                try builder.append(key.textSpan, copying: value)
            }
            return try builder.finish()
        }
        return try Credentials(mapping: document.root, source: sourceText)
    }

    private func leavingOutWithoutJSON(_ names: [String]) throws(KStackError) -> Credentials {
        let document = try mapError(KStackError.document) { () throws(DocumentError) in
            var builder = try MappingBuilder()
            for entry in entries where !names.contains(where: { arena.holds($0.utf8.span, at: entry.name) }) {
                try arena.append(entry.value, to: &builder, asAt: entry.name)
            }
            return try builder.finish()
        }
        return try Credentials(mapping: document.root, source: sourceText)
    }

    /// Some of the values under other names, in that order.
    func selecting(_ entries: some Sequence<(name: String, value: Range<Int>)>) throws(KStackError) -> Credentials {
        let document = try mapError(KStackError.document) { () throws(DocumentError) in
            var builder = try MappingBuilder()
            for entry in entries { try arena.append(entry.value, to: &builder, as: entry.name) }
            return try builder.finish()
        }
        return try Credentials(mapping: document.root, source: sourceText)
    }
}
