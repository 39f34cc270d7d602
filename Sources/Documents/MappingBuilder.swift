import Sodium

/// Makes a document that is one mapping, of texts and of values from other documents.
///
/// The texts are copied, so that the other documents can be wiped. Whoever adds entries sees to it that keys differ.
public struct MappingBuilder: ~Copyable {
    /// The values so far; the first is the mapping.
    private var nodes: [Node] = [Node(kind: .mapping, line: 1, start: 0, count: 0)]

    /// The children of the values that were copied.
    private var children: [UInt32] = []

    /// The keys and values of the mapping itself.
    private var entries: [UInt32] = []

    /// The texts so far; the first byte is the empty text.
    private var arena: SecretBytes

    /// Starts with no entry.
    public init() throws(DocumentError) {
        arena = try DocumentError.inMemory { () throws(SodiumError) in
            var arena = try SecretBytes(minimumCapacity: 1024)
            try arena.append(0)
            return arena
        }
    }

    /// How many entries there are.
    public var count: Int { entries.count / 2 }

    /// Adds a text.
    public mutating func append(_ key: Span<UInt8>, text: Span<UInt8>) throws(DocumentError) {
        let name = try addText(key, line: 1)
        let value = try addText(text, line: 1)
        entries += [name, value]
    }

    /// Adds a value of another document, with all that is in it.
    ///
    /// - Parameter rewriting: what becomes of each scalar, for what is no secret; nil leaves them as they are.
    public mutating func append(
        _ key: Span<UInt8>,
        copying value: DocumentNode,
        rewriting: ((String) -> String)? = nil
    ) throws(DocumentError) {
        let name = try addText(key, line: value.line)
        let copy = try add(value, rewriting)
        entries += [name, copy]
    }

    /// The document.
    public consuming func finish() -> Document {
        nodes[0].start = UInt32(clamping: children.count)
        nodes[0].count = UInt32(clamping: entries.count)
        return Document(nodes: nodes, children: children + entries, arena: arena)
    }

    /// Copies a value; the limit on the depth of documents bounds the recursion.
    private mutating func add(_ value: DocumentNode, _ rewriting: ((String) -> String)?) throws(DocumentError) -> UInt32
    {
        switch value.kind {
        case .null: return try addNode(.null, line: value.line, start: 0, count: 0)
        case .scalar:
            guard let rewriting, let text = value.string else { return try addText(value.textSpan, line: value.line) }
            return try addText(rewriting(text).utf8.span, line: value.line)
        case .sequence:
            var own: [UInt32] = []
            for position in 0..<value.count {
                if let element = value.element(at: position) { own.append(try add(element, rewriting)) }
            }
            return try addParent(.sequence, of: own, line: value.line)
        case .mapping:
            var own: [UInt32] = []
            for position in 0..<value.count {
                guard let entry = value.entry(at: position) else { continue }
                own.append(try addText(entry.key.textSpan, line: entry.key.line))
                own.append(try add(entry.value, rewriting))
            }
            return try addParent(.mapping, of: own, line: value.line)
        }
    }

    /// Stores a sequence or a mapping whose children are stored.
    private mutating func addParent(_ kind: Node.Kind, of own: [UInt32], line: Int) throws(DocumentError) -> UInt32 {
        let start = children.count
        children += own
        return try addNode(kind, line: line, start: start, count: own.count)
    }

    /// Stores a text.
    private mutating func addText(_ text: Span<UInt8>, line: Int) throws(DocumentError) -> UInt32 {
        let start = text.isEmpty ? 0 : arena.count
        if !text.isEmpty {
            try DocumentError.inMemory { () throws(SodiumError) in
                try arena.append(text)
                try arena.append(0)
            }
        }
        return try addNode(.scalar, line: line, start: start, count: text.count)
    }

    /// Stores a value and returns its index.
    private mutating func addNode(_ kind: Node.Kind, line: Int, start: Int, count: Int) throws(DocumentError) -> UInt32
    {
        guard let index = UInt32(exactly: nodes.count), let start = UInt32(exactly: start),
            let count = UInt32(exactly: count)
        else { throw .tooLarge }
        nodes.append(Node(kind: kind, line: UInt32(clamping: line), start: start, count: count))
        return index
    }
}
