/// Finds the positions of items in a list by their hashes: a dictionary whose allocations can fail.
///
/// The caller keeps the list, and decides which items are equal. Hashes must be seeded for each process (`Hasher`), so
/// that no file can make them collide.
public struct FallibleIndex: Sendable {
    /// A slot for one position; free where that is negative.
    private struct Slot {
        let hash: Int
        let position: Int
    }

    private static let free = Slot(hash: 0, position: -1)

    /// A power of two in number, at least half of them free.
    private var slots = FallibleArray<Slot>()
    private var used = 0

    /// Makes an empty index, which allocates nothing.
    public init() {}

    /// The position of an item; nil where there is none.
    ///
    /// - Parameter isSame: whether the item is the one at a position.
    public func position(hash: Int, where isSame: (Int) -> Bool) -> Int? {
        guard !slots.isEmpty else { return nil }
        let mask = slots.count - 1
        var place = hash & mask
        while slots[place].position >= 0 {
            if slots[place].hash == hash, isSame(slots[place].position) { return slots[place].position }
            place = (place + 1) & mask
        }
        return nil
    }

    /// Adds the position of a new item.
    public mutating func insert(hash: Int, position: Int) throws(SodiumError) {
        if (used + 1) * 2 > slots.count { try grow() }
        try put(Slot(hash: hash, position: position))
        used += 1
    }

    /// Makes room for more positions: until the index is copied, adding as many cannot fail.
    public mutating func reserve(_ additional: Int) throws(SodiumError) {
        while (used + additional) * 2 > slots.count { try grow() }
        try slots.reserve(0)
    }

    private mutating func put(_ slot: Slot) throws(SodiumError) {
        let mask = slots.count - 1
        var place = slot.hash & mask
        while slots[place].position >= 0 { place = (place + 1) & mask }
        try slots.replace(at: place, with: slot)
    }

    private mutating func grow() throws(SodiumError) {
        let old = slots
        slots = try FallibleArray(repeating: Self.free, count: max(16, old.count * 2))
        for slot in old where slot.position >= 0 { try put(slot) }
    }
}
