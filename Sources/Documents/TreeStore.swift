import Sodium

/// The values of a tree that is built without a file.
struct TreeStore {
    /// The values so far; the first is the root.
    private(set) var nodes = FallibleArray<Node>()

    /// The children of the complete values.
    private(set) var children = FallibleArray<UInt32>()

    /// The children of the open values, the innermost's last.
    private var pending = FallibleArray<UInt32>()

    /// Makes a store without values.
    init() {}

    /// The memory for the strings; its first byte is the empty string.
    static func makeArena(size: Int) throws(DocumentError) -> SecretBytes {
        try mapError(DocumentError.memory) { () throws(SodiumError) in
            var arena = try SecretBytes(minimumCapacity: size &+ 2)
            try arena.append(0)
            return arena
        }
    }

    /// Begins a sequence or mapping; nodes that are noted until it is closed are its children.
    mutating func open(_ kind: Node.Kind) throws(DocumentError) -> (index: UInt32, pendingStart: Int) {
        (try add(kind), pending.count)
    }

    /// Notes a child of the innermost open value.
    mutating func note(_ index: UInt32) throws(DocumentError) {
        try mapError(DocumentError.memory, pending.append(index))
    }

    /// Completes the innermost sequence or mapping, and returns its index.
    mutating func close(_ open: (index: UInt32, pendingStart: Int)) throws(DocumentError) -> UInt32 {
        try mapError(DocumentError.memory) { () throws(SodiumError) in
            try nodes.giveChildren(pending, from: open.pendingStart, to: open.index, in: &children)
        }
        pending.truncate(to: open.pendingStart)
        return open.index
    }

    /// Adds a value without a string and returns its index.
    mutating func add(_ kind: Node.Kind) throws(DocumentError) -> UInt32 {
        try append(Node(kind: kind, line: 1, start: 0, count: 0))
    }

    /// Adds a string and returns its index.
    mutating func add(
        _ text: Span<UInt8>,
        to arena: inout SecretBytes,
        kind: Node.Kind = .scalar
    ) throws(DocumentError) -> UInt32 {
        let start = arena.count
        try mapError(DocumentError.memory, arena.append(text))
        return try end(at: start, in: &arena, kind)
    }

    /// Adds the string at the end of the arena, from `start` on, and returns its index.
    mutating func end(
        at start: Int,
        in arena: inout SecretBytes,
        _ kind: Node.Kind = .scalar
    ) throws(DocumentError) -> UInt32 {
        let length = arena.count - start
        guard let start = UInt32(exactly: start), let count = UInt32(exactly: length) else { throw .tooLarge }
        try mapError(DocumentError.memory, arena.append(0))
        return try append(Node(kind: kind, line: 1, start: start, count: count))
    }

    private mutating func append(_ node: Node) throws(DocumentError) -> UInt32 {
        guard let index = UInt32(exactly: nodes.count) else { throw .tooLarge }
        try mapError(DocumentError.memory, nodes.append(node))
        return index
    }
}
