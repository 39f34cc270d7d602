import Sodium

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
}
