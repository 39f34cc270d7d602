import Sodium

/// The search for a key that a mapping has twice.
enum DuplicateKeys {
    /// Up to this many entries every key is compared with every other, which needs no memory.
    private static let few = 8

    /// The line of the first key that came before, among the children of a mapping.
    static func line(in children: ArraySlice<UInt32>, nodes: [Node], arena: borrowing SecretBytes) -> Int? {
        var keys: [Node] = []
        keys.reserveCapacity(children.count / 2)
        for position in stride(from: children.startIndex, to: children.endIndex, by: 2) {
            let index = Int(children[position])
            if index < nodes.count { keys.append(nodes[index]) }
        }
        return keys.count <= few ? lineAmongFew(keys, arena) : lineAmongMany(keys, arena)
    }

    /// Compares each with each.
    private static func lineAmongFew(_ keys: [Node], _ arena: borrowing SecretBytes) -> Int? {
        for (position, key) in keys.enumerated() {
            let text = arena.span.part(key.range)
            for earlier in keys[..<position] where arena.span.part(earlier.range).equals(text) {
                return Int(key.line)
            }
        }
        return nil
    }

    /// Looks each up among those before it.
    ///
    /// Hashes are seeded for each process, so a file cannot make them collide.
    private static func lineAmongMany(_ keys: [Node], _ arena: borrowing SecretBytes) -> Int? {
        var seen: [Int: Node] = [:]
        seen.reserveCapacity(keys.count)
        for key in keys {
            let text = arena.span.part(key.range)
            var slot = text.hash
            while let earlier = seen[slot] {
                if arena.span.part(earlier.range).equals(text) { return Int(key.line) }
                slot &+= 1
            }
            seen[slot] = key
        }
        return nil
    }
}
