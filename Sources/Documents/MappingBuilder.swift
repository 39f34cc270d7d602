public import Sodium

/// Makes a document that is one mapping, of strings, which may be any bytes, and of values from other documents.
///
/// What is added is copied, so that the other documents can be wiped. The caller ensures that keys differ.
public struct MappingBuilder: ~Copyable {
    /// Appends the replacement of a string to some bytes.
    public typealias Rewriting = (Span<UInt8>, inout SecretBytes) throws(SodiumError) -> Void

    private var tree: TreeStore
    private var arena: SecretBytes

    /// The mapping itself.
    private let root: (index: UInt32, pendingStart: Int)

    /// Starts with no entry.
    public init() throws(DocumentError) {
        var tree = TreeStore()
        let root = try tree.open(.mapping)
        let arena = try TreeStore.makeArena(size: 1024)
        self.tree = tree
        self.root = root
        self.arena = arena
    }

    /// Adds a string.
    public mutating func append(_ key: Span<UInt8>, text: Span<UInt8>) throws(DocumentError) {
        try tree.note(tree.add(key, to: &arena))
        try tree.note(tree.add(text, to: &arena))
    }

    /// Adds a value of another document, recursively.
    ///
    /// - Parameter rewriting: writes the replacement of each scalar; nil copies them unchanged.
    public mutating func append(
        _ key: Span<UInt8>,
        copying value: DocumentNode,
        rewriting: Rewriting? = nil
    ) throws(DocumentError) {
        try tree.note(tree.add(key, to: &arena))
        try tree.note(copy(value, rewriting))
    }

    /// Ends the mapping, and returns the document that it is the root of.
    public consuming func finish() throws(DocumentError) -> Document {
        _ = try tree.close(root)
        return Document(nodes: tree.nodes, children: tree.children, arena: arena)
    }

    /// Copies a value; the limit on the depth of documents bounds the recursion.
    private mutating func copy(
        _ value: DocumentNode,
        _ rewriting: Rewriting?
    ) throws(DocumentError) -> UInt32 {
        switch value.kind {
        case .null: return try tree.add(.null)
        case .scalar:
            guard let rewriting else { return try tree.add(value.textSpan, to: &arena) }
            let start = arena.count
            try mapError(DocumentError.memory) { () throws(SodiumError) in try rewriting(value.textSpan, &arena) }
            return try tree.end(at: start, in: &arena)
        case .sequence:
            let open = try tree.open(.sequence)
            for position in 0..<value.count {
                if let element = value.element(at: position) { try tree.note(copy(element, rewriting)) }
            }
            return try tree.close(open)
        case .mapping:
            let open = try tree.open(.mapping)
            for position in 0..<value.count {
                guard let entry = value.entry(at: position) else { continue }
                try tree.note(tree.add(entry.key.textSpan, to: &arena))
                try tree.note(copy(entry.value, rewriting))
            }
            return try tree.close(open)
        }
    }
}
