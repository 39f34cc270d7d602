import Sodium

/// The anchors of a document, by name.
///
/// Names lie in the arena like values: a password that begins with `&` and was not quoted becomes an anchor.
struct AnchorTable {
    /// A named value.
    struct Anchor {
        /// Where the name lies in the arena.
        let name: Range<Int>

        /// The index of the value.
        let node: UInt32

        /// What the value counts for where an alias stands for it, or nil as long as it is still open.
        var size: Size?

        /// The line of a scalar that no alias stands for yet; nil for all others.
        var unusedLine: Int?
    }

    /// What a value counts for, the aliases within it written out.
    struct Size {
        /// How many values it has, itself included.
        let nodes: Int

        /// How many bytes its texts and keys take.
        let bytes: Int

        /// How many sequences and mappings lie within one another, itself included; 0 for a scalar.
        let height: Int
    }

    /// The anchors by the hash of the name; where two names have one hash, the later is under the next free number.
    private var anchors: [Int: Anchor] = [:]

    /// The lines of scalars whose names went to other values before an alias used them.
    private var lost: [Int] = []

    /// The first line of a scalar with a name that no alias uses.
    var unusedLine: Int? {
        (anchors.values.compactMap(\.unusedLine) + lost).min()
    }

    /// The anchor of a name, which is used with that.
    mutating func use(_ name: Span<UInt8>, in arena: borrowing SecretBytes) -> Anchor? {
        let slot = slot(of: name, in: arena)
        anchors[slot]?.unusedLine = nil
        return anchors[slot]
    }

    /// Names a value, in place of an earlier one of that name.
    mutating func define(
        _ name: Span<UInt8>,
        node: UInt32,
        size: Size?,
        line: Int?,
        arena: inout SecretBytes
    ) throws(SodiumError) {
        let slot = slot(of: name, in: arena)
        let start = arena.count
        try arena.append(name)
        if let line = anchors[slot]?.unusedLine, lost.isEmpty { lost.append(line) }
        anchors[slot] = Anchor(name: start..<arena.count, node: node, size: size, unusedLine: line)
    }

    /// Records the size of a value that is complete, unless its name has gone to another one meanwhile.
    mutating func close(_ name: Range<Int>, node: UInt32, size: Size, arena: borrowing SecretBytes) {
        let slot = slot(of: arena.span.part(name), in: arena)
        guard anchors[slot]?.node == node else { return }
        anchors[slot]?.size = size
    }

    /// Where the anchor of a name is, or where it would be.
    private func slot(of name: Span<UInt8>, in arena: borrowing SecretBytes) -> Int {
        var slot = name.hash
        while let anchor = anchors[slot], !arena.span.part(anchor.name).equals(name) { slot &+= 1 }
        return slot
    }
}
