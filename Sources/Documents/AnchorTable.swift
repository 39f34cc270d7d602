import Sodium

/// The anchors of a document, by name.
///
/// Names are kept in the arena, like values: an unquoted password that begins with `&` becomes an anchor.
struct AnchorTable {
    /// A named value.
    struct Anchor {
        /// The range of the name in the arena.
        let name: Range<Int>

        /// The index of the value.
        let node: UInt32

        /// What the value counts for at each alias; nil while it is incomplete.
        var size: Size?

        /// The line of a scalar that no alias has used yet; nil for all others.
        var unusedLine: Int?
    }

    /// What a value counts for, with the aliases in it expanded.
    struct Size {
        /// How many values it has, itself included.
        let nodes: Int

        /// How many bytes its strings and keys take.
        let bytes: Int

        /// The depth of nested sequences and mappings, itself included; 0 for a scalar.
        let height: Int
    }

    /// The anchors, each name once.
    private var anchors = FallibleArray<Anchor>()

    /// The positions of names in `anchors`.
    private var positions = FallibleIndex()

    /// The line of the first scalar whose name was given to another value before an alias used it.
    private var lost: Int?

    /// The first line of a scalar with a name that no alias uses.
    var unusedLine: Int? {
        var first = lost
        for anchor in anchors {
            if let line = anchor.unusedLine { first = min(line, first ?? line) }
        }
        return first
    }

    /// The anchor of a name, which counts as used from then on.
    mutating func use(_ name: Span<UInt8>, in arena: borrowing SecretBytes) throws(SodiumError) -> Anchor? {
        guard let position = position(of: name, in: arena) else { return nil }
        var anchor = anchors[position]
        anchor.unusedLine = nil
        try anchors.replace(at: position, with: anchor)
        return anchor
    }

    /// Names a value; an earlier one loses the name.
    mutating func define(
        _ name: Span<UInt8>,
        node: UInt32,
        size: Size?,
        line: Int?,
        arena: inout SecretBytes
    ) throws(SodiumError) {
        let position = position(of: name, in: arena)
        let start = arena.count
        try arena.append(name)
        let anchor = Anchor(name: start..<arena.count, node: node, size: size, unusedLine: line)
        guard let position else {
            try anchors.append(anchor)
            return try positions.insert(hash: name.hash, position: anchors.count - 1)
        }
        lost = lost ?? anchors[position].unusedLine
        try anchors.replace(at: position, with: anchor)
    }

    /// Records the size of a complete value, unless its name was given to another one meanwhile.
    mutating func close(
        _ name: Range<Int>,
        node: UInt32,
        size: Size,
        arena: borrowing SecretBytes
    ) throws(SodiumError) {
        guard let position = position(of: arena.span.part(name), in: arena), anchors[position].node == node else {
            return
        }
        var anchor = anchors[position]
        anchor.size = size
        try anchors.replace(at: position, with: anchor)
    }

    /// The index of a name's anchor; nil where there is none.
    private func position(of name: Span<UInt8>, in arena: borrowing SecretBytes) -> Int? {
        positions.position(hash: name.hash) { arena.span.part(anchors[$0].name).equals(name) }
    }
}
