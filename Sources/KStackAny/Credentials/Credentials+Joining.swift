import Sodium

extension Credentials {
    /// Puts several together: their names and values one after another, their JSON as one object.
    ///
    /// Whoever calls sees to it that no two have a name in common. There is no JSON where one of them has none.
    public convenience init(joining parts: [Credentials], source: String) throws(KStackError) {
        var arena = try KStackError.inMemory { () throws(SodiumError) in try SecretBytes(minimumCapacity: 480) }
        var entries: [Entry] = []
        for part in parts {
            for position in 0..<part.count {
                guard let name = part.name(at: position), let value = part.value(at: position) else { continue }
                entries.append(
                    Entry(name: try arena.append(name, of: part), value: try arena.append(value, of: part))
                )
            }
        }
        let json = try arena.appendObject(joining: parts)
        let source = try arena.appendText(source.utf8.span)
        self.init(arena: arena, entries: entries, json: json, source: source)
    }

    /// What the credentials were read from, which is no secret.
    public var sourceText: String { arena.text(at: source) }

    /// Whether some value is not empty.
    public var holdsAnything: Bool {
        (0..<count).contains { value(at: $0)?.isEmpty == false }
    }
}

extension SecretBytes {
    /// Adds a text of other credentials.
    fileprivate mutating func append(_ place: Range<Int>, of part: Credentials) throws(KStackError) -> Range<Int> {
        let start = count
        try append(place, of: part.arena)
        try KStackError.inMemory { () throws(SodiumError) in try append(0) }
        return start..<(count - 1)
    }

    /// Adds the bytes that lie at a place.
    fileprivate mutating func append(_ place: Range<Int>, of other: borrowing SecretBytes) throws(KStackError) {
        let bytes = other.span
        guard place.upperBound <= bytes.count else { return }
        do throws(SodiumError) {
            try append(bytes.extracting(place))
        } catch {
            throw KStackError(error)
        }
    }

    /// Adds one JSON object of what stands between the braces of several; nil where one has no JSON.
    fileprivate mutating func appendObject(joining parts: [Credentials]) throws(KStackError) -> Range<Int>? {
        guard parts.allSatisfy({ $0.json != nil }) else { return nil }
        let start = count
        try KStackError.inMemory { () throws(SodiumError) in try append(UInt8(ascii: "{")) }
        for part in parts {
            // "{}" holds nothing that a comma could part.
            guard let json = part.json, json.count > 2 else { continue }
            if count > start + 1 {
                try KStackError.inMemory { () throws(SodiumError) in try append(UInt8(ascii: ",")) }
            }
            try append((json.lowerBound + 1)..<(json.upperBound - 1), of: part.arena)
        }
        try KStackError.inMemory { () throws(SodiumError) in
            try append(UInt8(ascii: "}"))
            try append(0)
        }
        return start..<(count - 1)
    }

    /// A copy of a text that is no secret.
    fileprivate borrowing func text(at place: Range<Int>) -> String {
        let bytes = span
        guard place.upperBound <= bytes.count, let text = try? UTF8Span(validating: bytes.extracting(place)) else {
            return ""
        }
        return String(copying: text)
    }
}
