import Sodium

/// Builds a tree from events, with a stack of its own, and enforces the limits while it grows.
struct TreeBuilder: ~Copyable {
    /// A sequence or mapping that is not complete.
    private struct Frame {
        /// The index of the value.
        let node: UInt32

        /// Whether every other child is a key.
        let isMapping: Bool

        /// How many children of the open values were pending when this one began.
        let pendingStart: Int

        /// The name of the value in the arena, if it has one.
        let anchor: Range<Int>?

        /// How many nodes had been counted when this one began, itself excluded.
        let nodesBefore: Int

        /// The bytes that had been counted when this one began.
        let bytesBefore: Int

        /// The greatest height of a child so far.
        var height = 0
    }

    /// The values so far.
    private var nodes: FallibleArray<Node>

    /// The children of the complete values.
    private var children = FallibleArray<UInt32>()

    /// The children of the open values, the innermost's last.
    private var pending = FallibleArray<UInt32>()

    /// The open values, the innermost last.
    private var frames: [Frame] = []

    /// The strings and the names of anchors so far.
    private var arena: SecretBytes

    /// The anchors so far.
    private var anchors = AnchorTable()

    /// How many values there are, aliases expanded.
    private var nodeTotal = 0

    /// How many bytes all strings and keys have, aliases expanded.
    private var byteTotal = 0

    /// Whether a document has begun.
    private var hasDocument = false

    /// The limits of the document.
    private let limits: DocumentLimits

    /// The text that is read, where it is not the file itself.
    private let text: YAMLText?

    /// Starts a tree for a file of `size` bytes.
    init(limits: DocumentLimits, size: Int, text: YAMLText?) throws(DocumentError) {
        var nodes = FallibleArray<Node>()
        try mapError(DocumentError.memory, nodes.reserve(min(size / 16, 4096) + 4))
        // A string is rarely longer than its source with the separator.
        let arena = try TreeStore.makeArena(size: size)
        self.limits = limits
        self.text = text
        self.nodes = nodes
        self.arena = arena
    }

    /// The tree, which is a single null if there was no value.
    ///
    /// - Throws: `dropped` for an anchor on a scalar that no alias uses.
    consuming func finish() throws(DocumentError) -> Document {
        if let line = anchors.unusedLine { throw .dropped(line: line, sign: .anchor) }
        if nodes.isEmpty {
            try mapError(DocumentError.memory, nodes.append(Node(kind: .null, line: 1, start: 0, count: 0)))
        }
        return Document(nodes: nodes, children: children, arena: arena)
    }

    /// Handles the reader's current event; false after the last one.
    mutating func take(_ event: YAMLReader.Event, from reader: borrowing YAMLReader) throws(DocumentError) -> Bool {
        switch event {
        case .streamStart, .documentEnd: break
        case .documentStart:
            guard !hasDocument else { throw .severalDocuments(line: reader.line) }
            hasDocument = true
        case .scalar: try addScalar(reader)
        case .alias: try addAlias(reader)
        case .sequenceStart: try open(.sequence, reader)
        case .mappingStart: try open(.mapping, reader)
        case .containerEnd: try close()
        case .streamEnd: return false
        }
        return true
    }

    /// Whether the next value is the key of an entry.
    private var expectsKey: Bool {
        guard let frame = frames.last, frame.isMapping else { return false }
        return (pending.count &- frame.pendingStart) & 1 == 0
    }

    /// Adds a scalar, as a key or as a value.
    private mutating func addScalar(_ reader: borrowing YAMLReader) throws(DocumentError) {
        let tag = reader.tag
        guard tag == .none || tag == .string else { throw .tag(line: reader.line) }
        let text = reader.text
        try refuseDropped(text, reader)
        let kind = reader.isPlain ? plainKind(of: text) : .scalar
        let isKey = expectsKey
        if isKey { try checkKey(text, kind: kind, line: reader.line) }
        let size = AnchorTable.Size(nodes: isKey ? 0 : 1, bytes: text.count &+ 1, height: 0)
        try count(size)
        var start = 0
        if !text.isEmpty {
            start = arena.count
            try store(text)
        }
        let index = try addNode(kind, line: reader.line, start: start, count: text.count)
        try name(reader.anchor, index, AnchorTable.Size(nodes: 1, bytes: size.bytes, height: 0), line: reader.line)
        try wait(index)
    }

    /// Refuses a value that YAML would silently drop or shorten.
    private func refuseDropped(_ text: Span<UInt8>, _ reader: borrowing YAMLReader) throws(DocumentError) {
        if let line = reader.hiddenLine { throw .dropped(line: line, sign: .comment) }
        if reader.isLoneMark { throw .dropped(line: reader.line, sign: .tag) }
        if text.isEmpty, reader.isPlain, !reader.anchor.isEmpty { throw .dropped(line: reader.line, sign: .anchor) }
    }

    /// Adds the value of an alias again.
    private mutating func addAlias(_ reader: borrowing YAMLReader) throws(DocumentError) {
        if let line = reader.hiddenLine { throw .dropped(line: line, sign: .comment) }
        let anchor = try mapError(DocumentError.memory, anchors.use(reader.anchor, in: arena))
        guard let anchor else { throw .unknownAlias(line: reader.line) }
        guard let size = anchor.size else { throw .recursiveAlias(line: reader.line) }
        guard let target = nodes.indices.contains(Int(anchor.node)) ? nodes[Int(anchor.node)] : nil else {
            throw .unknownAlias(line: reader.line)
        }
        if expectsKey {
            guard target.isScalar else { throw .keyNotScalar(line: reader.line) }
            try checkKey(arena.span.part(target.range), kind: target.kind, line: reader.line)
            try count(AnchorTable.Size(nodes: 0, bytes: size.bytes, height: 0))
        } else {
            guard size.height <= limits.depth &- frames.count else { throw .tooDeep }
            try count(size)
            raiseHeight(to: size.height)
        }
        try wait(anchor.node)
    }

    /// Begins a sequence or mapping.
    private mutating func open(_ kind: Node.Kind, _ reader: borrowing YAMLReader) throws(DocumentError) {
        let tag = reader.tag
        if let line = reader.hiddenLine { throw .dropped(line: line, sign: .comment) }
        guard tag == .none || tag == (kind == .mapping ? .mapping : .sequence) else { throw .tag(line: reader.line) }
        guard !expectsKey else { throw .keyNotScalar(line: reader.line) }
        guard frames.count < limits.depth else { throw .tooDeep }
        let nodesBefore = nodeTotal
        try count(AnchorTable.Size(nodes: 1, bytes: 0, height: 0))
        let index = try addNode(kind, line: reader.line, start: 0, count: 0)
        let nameStart = arena.count
        try name(reader.anchor, index, nil, line: nil)
        try wait(index)
        frames.append(
            Frame(
                node: index,
                isMapping: kind == .mapping,
                pendingStart: pending.count,
                anchor: arena.count > nameStart ? nameStart..<arena.count : nil,
                nodesBefore: nodesBefore,
                bytesBefore: byteTotal
            )
        )
    }

    /// Completes the innermost sequence or mapping.
    private mutating func close() throws(DocumentError) {
        guard let frame = frames.popLast(), frame.pendingStart <= pending.count else { return }
        if frame.isMapping {
            let line = try mapError(
                DocumentError.memory,
                DuplicateKeys.line(in: pending, from: frame.pendingStart, nodes: nodes, arena: arena)
            )
            if let line { throw .duplicateKey(line: line) }
        }
        try mapError(DocumentError.memory) { () throws(SodiumError) in
            try nodes.giveChildren(pending, from: frame.pendingStart, to: frame.node, in: &children)
        }
        pending.truncate(to: frame.pendingStart)
        let height = frame.height &+ 1
        raiseHeight(to: height)
        guard let name = frame.anchor else { return }
        let size = AnchorTable.Size(
            nodes: nodeTotal &- frame.nodesBefore,
            bytes: byteTotal &- frame.bytesBefore,
            height: height
        )
        try mapError(DocumentError.memory, anchors.close(name, node: frame.node, size: size, arena: arena))
    }

    /// Refuses what cannot be a key.
    private func checkKey(_ text: Span<UInt8>, kind: Node.Kind, line: Int) throws(DocumentError) {
        guard kind != .merge else { throw .mergeKey(line: line) }
        for index in text.indices where text[index] == 0 { throw .keyHoldsNUL(line: line) }
    }

    /// Counts a value; the totals never pass the limits, so nothing here can overflow.
    private mutating func count(_ size: AnchorTable.Size) throws(DocumentError) {
        guard size.nodes <= limits.nodes &- nodeTotal else { throw .tooManyNodes }
        guard size.bytes <= limits.bytes &- byteTotal else { throw .tooLarge }
        nodeTotal &+= size.nodes
        byteTotal &+= size.bytes
    }

    /// Adds a child to the innermost open value.
    private mutating func raiseHeight(to height: Int) {
        guard let last = frames.indices.last, frames[last].height < height else { return }
        frames[last].height = height
    }

    /// Copies a string into the arena.
    private mutating func store(_ text: Span<UInt8>) throws(DocumentError) {
        try mapError(DocumentError.memory) { () throws(SodiumError) in
            let start = arena.count
            try arena.append(text)
            self.text?.restore(&arena, from: start)
            try arena.append(0)
        }
    }

    /// Names a value that has an anchor.
    private mutating func name(
        _ anchor: Span<UInt8>,
        _ node: UInt32,
        _ size: AnchorTable.Size?,
        line: Int?
    ) throws(DocumentError) {
        guard !anchor.isEmpty else { return }
        try mapError(DocumentError.memory, anchors.define(anchor, node: node, size: size, line: line, arena: &arena))
    }

    /// Stores a value and returns its index.
    private mutating func addNode(
        _ kind: Node.Kind,
        line: Int,
        start: Int,
        count: Int
    ) throws(DocumentError) -> UInt32 {
        guard let index = UInt32(exactly: nodes.count), let start = UInt32(exactly: start),
            let count = UInt32(exactly: count)
        else { throw .tooLarge }
        let node = Node(kind: kind, line: UInt32(clamping: line), start: start, count: count)
        try mapError(DocumentError.memory, nodes.append(node))
        return index
    }

    /// Adds a child to the pending ones of the innermost open value.
    private mutating func wait(_ index: UInt32) throws(DocumentError) {
        try mapError(DocumentError.memory, pending.append(index))
    }
}
