import Sodium

/// One value of a document as it is stored: 16 bytes, with its string or its children elsewhere.
struct Node: Sendable {
    /// The kind of the value.
    ///
    /// A plain null or `<<` keeps its string, since as a key it can be just that. A literal is a number or a boolean of
    /// JSON.
    enum Kind: UInt8, Sendable {
        case scalar
        case null
        case merge
        case literal
        case sequence
        case mapping
    }

    /// The kind of the value.
    let kind: Kind

    /// The line on which it begins, from 1.
    let line: UInt32

    /// Where its string begins in the arena, or its children in the list of children.
    var start: UInt32

    /// How many bytes its string has, or how many children it has: for a mapping two per entry, the key first.
    var count: UInt32

    /// Whether the value has a string of its own.
    var isScalar: Bool { kind != .sequence && kind != .mapping }

    /// The range of the string or of the children.
    var range: Range<Int> { Int(start)..<(Int(start) + Int(count)) }
}

extension FallibleArray<Node> {
    /// Sets the children of a sequence or mapping: those of a list from `start` on.
    mutating func giveChildren(
        _ pending: FallibleArray<UInt32>,
        from start: Int,
        to index: UInt32,
        in children: inout FallibleArray<UInt32>
    ) throws(SodiumError) {
        guard Int(index) < count else { return }
        var node = self[Int(index)]
        node.start = UInt32(clamping: children.count)
        node.count = UInt32(clamping: pending.count - start)
        try replace(at: Int(index), with: node)
        for position in start..<pending.count { try children.append(pending[position]) }
    }
}

extension Span<UInt8> {
    /// Whether two spans hold the same bytes.
    ///
    /// For names, not for secrets: the time depends on what they hold.
    public func equals(_ other: borrowing Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        for index in indices where self[index] != other[index] { return false }
        return true
    }

    /// The bytes of a range, or none where it is out of bounds.
    @_lifetime(copy self)
    func part(_ range: Range<Int>) -> Span<UInt8> {
        guard range.lowerBound >= 0, range.upperBound <= count else { return extracting(0..<0) }
        return extracting(range)
    }
}
