public import Documents
public import Sodium

/// The credentials of one service: names and values in order, in one immutable piece of secret memory.
///
/// Every string is NUL-terminated, so that C can read it in place.
public final class Credentials: Sendable {
    /// The ranges of one pair in the arena.
    struct Entry {
        let name: Range<Int>
        let value: Range<Int>
    }

    /// The memory that the ranges point into.
    public let arena: SecretBytes

    /// The whole tree as one JSON object; nil where a value is not UTF-8.
    public let json: Range<Int>?

    /// What the credentials were read from.
    public let source: Range<Int>

    let entries: FallibleArray<Entry>

    /// Copies a mapping from a document, so that the other services of the document can be wiped.
    ///
    /// A scalar is its string as it is written, null is the empty string, a nested value is its JSON.
    ///
    /// - Throws: `configuration` for a nested value that JSON cannot represent; `internal`.
    public init(mapping: DocumentNode, source: String) throws(KStackError) {
        var arena = try mapError(KStackError.memory, SecretBytes(minimumCapacity: 480))
        var entries = FallibleArray<Entry>()
        try mapError(KStackError.memory, entries.reserve(mapping.count))
        for position in 0..<mapping.count {
            guard let (key, value) = mapping.entry(at: position) else { continue }
            let name = try arena.appendText(key.textSpan)
            let text: Range<Int>?
            switch value.kind {
            case .scalar, .null: text = try arena.appendText(value.textSpan)
            case .sequence, .mapping: text = try arena.appendJSON(of: value)
            }
            guard let text else {
                throw KStackError(
                    .configuration,
                    "\(source): the value on line \(value.line) is nested and not UTF-8, so it has no JSON form; "
                        + "make it a scalar"
                )
            }
            try mapError(KStackError.memory, entries.append(Entry(name: name, value: text)))
        }
        json = try arena.appendJSON(of: mapping)
        self.source = try arena.appendText(source.utf8.span)
        self.entries = entries
        self.arena = arena
    }

    /// Takes a finished arena, and the ranges of the names and values in it.
    init(arena: consuming SecretBytes, entries: FallibleArray<Entry>, json: Range<Int>?, source: Range<Int>) {
        self.json = json
        self.source = source
        self.entries = entries
        self.arena = arena
    }

    /// How many pairs there are.
    public var count: Int { entries.count }

    /// The range of the name at a position; nil past the end.
    public func name(at position: Int) -> Range<Int>? {
        entries.indices.contains(position) ? entries[position].name : nil
    }

    /// The range of the value at a position; nil past the end.
    public func value(at position: Int) -> Range<Int>? {
        entries.indices.contains(position) ? entries[position].value : nil
    }

    /// The range of the value of a name; nil where there is none of that name.
    public func value(named name: Span<UInt8>) -> Range<Int>? {
        for entry in entries where arena.holds(name, at: entry.name) { return entry.value }
        return nil
    }
}
