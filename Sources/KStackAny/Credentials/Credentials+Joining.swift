import Documents
public import Sodium
import System

extension Credentials {
    /// Concatenates credentials: their names and values in order, their JSON as one object.
    ///
    /// No two may have a name in common. There is no JSON where one of them has none.
    public convenience init(joining parts: [Credentials], source: String) throws(KStackError) {
        var arena = try mapError(KStackError.memory, SecretBytes(minimumCapacity: 480))
        var entries = FallibleArray<Entry>()
        for part in parts {
            for position in 0..<part.count {
                guard let name = part.name(at: position), let value = part.value(at: position) else { continue }
                let entry = Entry(name: try arena.append(name, of: part), value: try arena.append(value, of: part))
                try mapError(KStackError.memory, entries.append(entry))
            }
        }
        let json = try arena.appendObject(joining: parts)
        let source = try arena.appendText(source.utf8.span)
        self.init(arena: arena, entries: entries, json: json, source: source)
    }

    /// What the credentials were read from; not a secret.
    public var sourceText: String { arena.text(at: source) }

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

    /// A value that is not a secret, as a string; nil where it is absent or empty.
    func text(named name: String) -> String? {
        guard let place = value(named: name.utf8.span), !place.isEmpty else { return nil }
        return arena.text(at: place)
    }

    /// Whether others have the same names with the same bytes, in the same order.
    package func hasSameValues(as other: Credentials) -> Bool {
        guard count == other.count else { return false }
        for position in 0..<count {
            guard nameText(at: position) == other.nameText(at: position), let own = value(at: position),
                let value = other.value(at: position), arena.constantTimeEquals(own, other.arena, value)
            else { return false }
        }
        return true
    }

    /// The name at a position, which is not a secret; empty past the end.
    public func nameText(at position: Int) -> String {
        name(at: position).map { arena.text(at: $0) } ?? ""
    }

    /// A copy of the bytes in a range.
    public func copy(of place: Range<Int>) throws(KStackError) -> SecretBytes {
        try arena.copy(of: place)
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

    /// Whether some value is not empty.
    public var holdsAnything: Bool {
        (0..<count).contains { value(at: $0)?.isEmpty == false }
    }
}

extension SecretBytes {
    /// Adds a string of other credentials.
    fileprivate mutating func append(_ place: Range<Int>, of part: Credentials) throws(KStackError) -> Range<Int> {
        let start = count
        try append(place, of: part.arena)
        try mapError(KStackError.memory, append(0))
        return start..<(count - 1)
    }

    /// Adds the bytes in a range of other memory.
    fileprivate mutating func append(_ place: Range<Int>, of other: borrowing SecretBytes) throws(KStackError) {
        let bytes = other.span
        guard place.upperBound <= bytes.count else { return }
        try mapError(KStackError.memory, append(bytes.extracting(place)))
    }

    /// Adds one JSON object with the members of several; nil where one has no JSON.
    fileprivate mutating func appendObject(joining parts: [Credentials]) throws(KStackError) -> Range<Int>? {
        guard parts.allSatisfy({ $0.json != nil }) else { return nil }
        let start = count
        try mapError(KStackError.memory, append(UInt8(ascii: "{")))
        for part in parts {
            // "{}" has no members.
            guard let json = part.json, json.count > 2 else { continue }
            if count > start + 1 {
                try mapError(KStackError.memory, append(UInt8(ascii: ",")))
            }
            try append((json.lowerBound + 1)..<(json.upperBound - 1), of: part.arena)
        }
        try mapError(KStackError.memory) { () throws(SodiumError) in
            try append(UInt8(ascii: "}"))
            try append(0)
        }
        return start..<(count - 1)
    }

    fileprivate borrowing func parseJSON(at place: Range<Int>) throws(DocumentError) -> Document {
        try .parse(json: span.extracting(place))
    }

    fileprivate borrowing func copy(of place: Range<Int>) throws(KStackError) -> SecretBytes {
        let bytes = span
        guard place.upperBound <= bytes.count else { throw KStackError(.internal, "a value is out of range") }
        return try mapError(KStackError.memory, SecretBytes(copying: bytes.extracting(place)))
    }

    /// Adds a value to a mapping, under the name in a range.
    borrowing func append(
        _ place: Range<Int>,
        to builder: inout MappingBuilder,
        asAt name: Range<Int>
    ) throws(DocumentError) {
        let bytes = span
        guard place.upperBound <= bytes.count, name.upperBound <= bytes.count else { return }
        try builder.append(bytes.extracting(name), text: bytes.extracting(place))
    }

    /// Adds a value to a mapping.
    borrowing func append(
        _ place: Range<Int>,
        to builder: inout MappingBuilder,
        as name: String
    ) throws(DocumentError) {
        let bytes = span
        guard place.upperBound <= bytes.count else { return }
        try builder.append(name.utf8.span, text: bytes.extracting(place))
    }

    /// Whether a range holds a NUL.
    borrowing func holdsNUL(_ place: Range<Int>) -> Bool {
        let bytes = span
        guard place.upperBound <= bytes.count else { return true }
        return place.contains { bytes[$0] == 0 }
    }

    /// A copy of a string that is not a secret; empty for one that is longer than any name or path.
    borrowing func text(at place: Range<Int>) -> String {
        let bytes = span
        guard place.count <= ProcessEnvironment.longestString, place.upperBound <= bytes.count,
            let text = try? UTF8Span(validating: bytes.extracting(place))
        else {
            return ""
        }
        return String(copying: text)
    }
}
