import Sodium

/// The search for a key that a mapping has twice.
enum DuplicateKeys {
    /// Up to this many entries every key is compared with every other, which needs no memory.
    private static let few = 8

    /// The line of the first key that is a duplicate.
    ///
    /// - Parameter children: the children of a mapping are those from `start` on, keys and values in turn.
    static func line(
        in children: FallibleArray<UInt32>,
        from start: Int,
        nodes: FallibleArray<Node>,
        arena: borrowing SecretBytes
    ) throws(SodiumError) -> Int? {
        let count = (children.count - start + 1) / 2
        var known = FallibleIndex()
        for position in 0..<count {
            let key = nodes[Int(children[start + position * 2])]
            let text = arena.span.part(key.range)
            func isSame(_ earlier: Int) -> Bool {
                arena.span.part(nodes[Int(children[start + earlier * 2])].range).equals(text)
            }
            if count <= few {
                if (0..<position).contains(where: isSame) { return Int(key.line) }
            } else {
                let hash = text.hash
                if known.position(hash: hash, where: isSame) != nil { return Int(key.line) }
                try known.insert(hash: hash, position: position)
            }
        }
        return nil
    }
}
