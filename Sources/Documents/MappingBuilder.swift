import Sodium

/// Makes a document that is one mapping of names to texts, which may be any bytes.
public struct MappingBuilder: ~Copyable {
    private var tree: TreeStore
    private var arena: SecretBytes
    private var children: [UInt32] = []

    private init(tree: TreeStore, arena: consuming SecretBytes) {
        self.tree = tree
        self.arena = arena
    }

    /// Starts an empty mapping.
    public static func make() throws(DocumentError) -> MappingBuilder {
        var tree = TreeStore()
        _ = try tree.add(.mapping)
        return MappingBuilder(tree: tree, arena: try TreeStore.makeArena(size: 0))
    }

    /// Adds an entry; the name must not be in the mapping.
    public mutating func add(_ name: Span<UInt8>, _ value: Span<UInt8>) throws(DocumentError) {
        children.append(try tree.add(name, to: &arena))
        children.append(try tree.add(value, to: &arena))
    }

    /// The document.
    public consuming func finish() -> Document {
        tree.close(0, children)
        return Document(nodes: tree.nodes, children: tree.children, arena: arena)
    }
}
