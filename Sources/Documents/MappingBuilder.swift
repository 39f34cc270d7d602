import Sodium

/// Makes a document that is one mapping, of texts, which may be any bytes, and of values from other documents.
///
/// What is added is copied, so that the other documents can be wiped. Whoever adds entries sees to it that keys differ.
public struct MappingBuilder: ~Copyable {
    private var tree = TreeStore(root: .mapping)
    private var arena: SecretBytes

    /// The keys and values of the mapping itself.
    private var entries: [UInt32] = []

    /// Starts with no entry.
    public init() throws(DocumentError) {
        arena = try TreeStore.makeArena(size: 1024)
    }

    /// Adds a text.
    public mutating func append(_ key: Span<UInt8>, text: Span<UInt8>) throws(DocumentError) {
        entries.append(try tree.add(key, to: &arena))
        entries.append(try tree.add(text, to: &arena))
    }

    /// Adds a value of another document, with all that is in it.
    ///
    /// - Parameter rewriting: what becomes of each scalar, for what is no secret; nil leaves them as they are.
    public mutating func append(
        _ key: Span<UInt8>,
        copying value: DocumentNode,
        rewriting: ((String) -> String)? = nil
    ) throws(DocumentError) {
        entries.append(try tree.add(key, to: &arena))
        entries.append(try copy(value, rewriting))
    }

    /// The document.
    public consuming func finish() -> Document {
        tree.close(0, entries)
        return Document(nodes: tree.nodes, children: tree.children, arena: arena)
    }

    /// Copies a value; the limit on the depth of documents bounds the recursion.
    private mutating func copy(
        _ value: DocumentNode,
        _ rewriting: ((String) -> String)?
    ) throws(DocumentError) -> UInt32 {
        var own: [UInt32] = []
        switch value.kind {
        case .null: return try tree.add(.null)
        case .scalar:
            guard let rewriting, let text = value.string else { return try tree.add(value.textSpan, to: &arena) }
            return try tree.add(rewriting(text).utf8.span, to: &arena)
        case .sequence:
            for position in 0..<value.count {
                if let element = value.element(at: position) { own.append(try copy(element, rewriting)) }
            }
        case .mapping:
            for position in 0..<value.count {
                guard let entry = value.entry(at: position) else { continue }
                own.append(try tree.add(entry.key.textSpan, to: &arena))
                own.append(try copy(entry.value, rewriting))
            }
        }
        let index = try tree.add(value.kind == .sequence ? .sequence : .mapping)
        tree.close(index, own)
        return index
    }
}
