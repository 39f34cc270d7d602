import Sodium

/// The values of a tree that is made from within, with no text of a file to hold them to.
struct TreeStore {
    /// The values so far; the first is the root.
    private(set) var nodes: [Node] = []

    /// The children of the complete values.
    private(set) var children: [UInt32] = []

    /// Starts with no value.
    init() {}

    /// Starts with a root that has no children yet; nothing can fail.
    init(root: Node.Kind) {
        nodes = [Node(kind: root, line: 1, start: 0, count: 0)]
    }

    /// The memory for the texts; its first byte is the empty text.
    static func makeArena(size: Int) throws(DocumentError) -> SecretBytes {
        try mapError(DocumentError.memory) { () throws(SodiumError) in
            var arena = try SecretBytes(minimumCapacity: size &+ 2)
            try arena.append(0)
            return arena
        }
    }

    /// Adds a value without text and returns its index.
    mutating func add(_ kind: Node.Kind) throws(DocumentError) -> UInt32 {
        try append(Node(kind: kind, line: 1, start: 0, count: 0))
    }

    /// Adds a text and returns its index.
    mutating func add(
        _ text: Span<UInt8>,
        to arena: inout SecretBytes,
        kind: Node.Kind = .scalar
    ) throws(DocumentError) -> UInt32 {
        guard let start = UInt32(exactly: arena.count), let count = UInt32(exactly: text.count) else { throw .tooLarge }
        try mapError(DocumentError.memory) { () throws(SodiumError) in
            try arena.append(text)
            try arena.append(0)
        }
        return try append(Node(kind: kind, line: 1, start: start, count: count))
    }

    /// Gives a sequence or mapping its children.
    mutating func close(_ index: UInt32, _ own: [UInt32]) {
        guard nodes.indices.contains(Int(index)) else { return }
        nodes[Int(index)].start = UInt32(clamping: children.count)
        nodes[Int(index)].count = UInt32(clamping: own.count)
        children.append(contentsOf: own)
    }

    private mutating func append(_ node: Node) throws(DocumentError) -> UInt32 {
        guard let index = UInt32(exactly: nodes.count) else { throw .tooLarge }
        nodes.append(node)
        return index
    }
}
