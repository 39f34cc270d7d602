import CHost
import CSodium

/// Locked memory for secrets, in blocks that are wiped when they are freed.
///
/// A `sodium_malloc` with its `sodium_free` costs 22 to 32 µs and four memory maps, as much as half an X25519, and some
/// 16,000 of them reach `vm.max_map_count`, which ends the host. So small blocks are slots of slabs: one
/// `sodium_malloc` for many, with guard pages around it and a canary behind each slot. Larger ones have one of their
/// own.
enum LockedPool {
    /// How many bytes precede each block: the number of its slab, and its capacity.
    private static let headerSize = 16

    /// How many bytes follow a block in its slot: a canary and padding.
    private static let trailerSize = 16

    /// The canary of `sodium_malloc`, with which a request fills its pages exactly.
    private static let sodiumCanarySize = 16
    private static let page = 4096

    /// The size of a slab; the first of a size is small, since most programs hold a few secrets, and may lock little.
    private static let slabSize = 16 * page - sodiumCanarySize
    private static let firstSlabSize = 4 * page - sodiumCanarySize

    /// The sizes of slots, including the bytes around a block.
    private static let slotSizes = [128, 256, 512, 1024, 2048, 4096]

    /// The capacity of a block for a chunk of a file, some of which are kept for the next use.
    private static let chunkRoom = 17 * page - sodiumCanarySize - headerSize
    private static let keptChunks = 4

    /// One `sodium_malloc` that is cut into slots.
    private struct Slab {
        let start: UInt
        let sizeClass: Int
        let slotCount: Int
        var freeSlots: [UInt16]

        var isEmpty: Bool { freeSlots.count == slotCount }
    }

    /// The state, with addresses as numbers, since a pointer cannot be shared between threads.
    private struct State {
        /// The slabs by number; nil where one was freed.
        var slabs: [Slab?] = []
        var unusedNumbers: [Int] = []

        /// The slabs of each size that have a free slot; the last one is used first.
        var available: [[Int]]

        /// How many slabs of each size there are, and how many of them have no block in use.
        var counts: [Int]
        var emptyCounts: [Int]
        var chunks: [UInt] = []

        init(classes: Int) {
            available = Array(repeating: [], count: classes)
            counts = Array(repeating: 0, count: classes)
            emptyCounts = counts
        }
    }

    private static let state = Guarded<State>(State(classes: slotSizes.count))

    /// The canary, which is also mixed into headers; different in each process.
    private static let canary = UInt64(randombytes_random()) << 32 | UInt64(randombytes_random())

    /// Initialises libsodium once; false if the system has no random numbers.
    static let isReady: Bool = sodium_init() >= 0

    /// A zeroed block with room for at least `size` bytes, and its capacity.
    ///
    /// - Throws: `outOfMemory`; `notExcludedFromDumps` for memory that would end up in core dumps.
    static func take(_ size: Int) throws(SodiumError) -> (block: UnsafeMutableRawPointer, capacity: Int) {
        guard isReady else { throw .unavailable }
        if let sizeClass = slotSizes.firstIndex(where: { size <= $0 - headerSize - trailerSize }) {
            if let slot = unsafe takeSlot(sizeClass) { return unsafe slot }
            try addSlab(sizeClass)
            if let slot = unsafe takeSlot(sizeClass) { return unsafe slot }
            throw .outOfMemory
        }
        if size <= chunkRoom, let known = state.withLock({ $0.chunks.popLast() }),
            let block = unsafe UnsafeMutableRawPointer(bitPattern: known)
        {
            return unsafe (block, chunkRoom)
        }
        let room = size <= chunkRoom ? chunkRoom : size
        guard room <= Int.max / 2, let start = unsafe allocate(headerSize + room) else { throw .outOfMemory }
        guard unsafe chost_exclude_from_dumps(start, UInt(headerSize + room)) else {
            unsafe sodium_free(start)
            throw .notExcludedFromDumps
        }
        return unsafe (write(header: 0, room, at: start), room)
    }

    /// Wipes a block, and keeps it for the next use or frees it.
    ///
    /// A changed canary ends the process, as in libsodium: somebody wrote past the end.
    static func giveBack(_ block: UnsafeMutableRawPointer) {
        let start = unsafe block - headerSize
        let number = unsafe Int(truncatingIfNeeded: start.load(as: UInt64.self) ^ canary)
        let room = unsafe Int(truncatingIfNeeded: start.load(fromByteOffset: 8, as: UInt64.self) ^ canary)
        if number == 0, room == chunkRoom {
            unsafe sodium_memzero(block, room)
            let address = UInt(bitPattern: block)
            let isKept = state.withLock { state -> Bool in
                guard state.chunks.count < keptChunks else { return false }
                state.chunks.append(address)
                return true
            }
            if !isKept { unsafe sodium_free(start) }
        } else if number == 0 {
            unsafe sodium_free(start)
        } else {
            guard slotSizes.contains(room + headerSize + trailerSize),
                unsafe block.load(fromByteOffset: room, as: UInt64.self) == canary
            else { chost_out_of_bounds() }
            unsafe sodium_memzero(block, room)
            giveBack(slot: UInt(bitPattern: start), of: number - 1)
        }
    }

    /// A free slot of a size; nil where there is none.
    private static func takeSlot(_ sizeClass: Int) -> (block: UnsafeMutableRawPointer, capacity: Int)? {
        let size = slotSizes[sizeClass]
        let found = state.withLock { state -> (address: UInt, number: Int)? in
            guard let number = state.available[sizeClass].last, var slab = state.slabs[number] else { return nil }
            // Gives the list one owner, or each change would copy it.
            state.slabs[number] = nil
            if slab.isEmpty { state.emptyCounts[sizeClass] -= 1 }
            let slot = slab.freeSlots.popLast()
            if slab.freeSlots.isEmpty { state.available[sizeClass].removeLast() }
            let start = slab.start
            state.slabs[number] = slab
            return slot.map { (start + UInt($0) * UInt(size), number) }
        }
        guard let found, let start = unsafe UnsafeMutableRawPointer(bitPattern: found.address) else { return nil }
        let room = size - headerSize - trailerSize
        let block = unsafe write(header: found.number + 1, room, at: start)
        unsafe block.storeBytes(of: canary, toByteOffset: room, as: UInt64.self)
        return unsafe (block, room)
    }

    /// Adds a slab; other threads may do the same meanwhile.
    private static func addSlab(_ sizeClass: Int) throws(SodiumError) {
        let isFirst = state.withLock { $0.counts[sizeClass] == 0 }
        let size = isFirst ? firstSlabSize : slabSize
        guard let start = unsafe allocate(size) else { throw .outOfMemory }
        guard unsafe chost_exclude_from_dumps(start, UInt(size)) else {
            unsafe sodium_free(start)
            throw .notExcludedFromDumps
        }
        let count = size / slotSizes[sizeClass]
        let slab = Slab(
            start: UInt(bitPattern: start),
            sizeClass: sizeClass,
            slotCount: count,
            freeSlots: (0..<UInt16(truncatingIfNeeded: count)).reversed()
        )
        state.withLock { state in
            if let number = state.unusedNumbers.popLast() {
                state.slabs[number] = slab
                state.available[sizeClass].append(number)
            } else {
                state.slabs.append(slab)
                state.available[sizeClass].append(state.slabs.count - 1)
            }
            state.counts[sizeClass] += 1
            state.emptyCounts[sizeClass] += 1
        }
    }

    /// Frees a slot, and its slab where another one of that size is unused as well.
    private static func giveBack(slot address: UInt, of number: Int) {
        let unused = state.withLock { state -> UInt? in
            guard state.slabs.indices.contains(number), var slab = state.slabs[number], address >= slab.start else {
                chost_out_of_bounds()
            }
            let (sizeClass, size) = (slab.sizeClass, UInt(slotSizes[slab.sizeClass]))
            let slot = (address - slab.start) / size
            guard (address - slab.start).isMultiple(of: size), slot < UInt(slab.slotCount) else {
                chost_out_of_bounds()
            }
            state.slabs[number] = nil
            if slab.freeSlots.isEmpty { state.available[sizeClass].append(number) }
            slab.freeSlots.append(UInt16(truncatingIfNeeded: slot))
            guard slab.isEmpty else {
                state.slabs[number] = slab
                return nil
            }
            guard state.emptyCounts[sizeClass] > 0 else {
                state.emptyCounts[sizeClass] += 1
                state.slabs[number] = slab
                return nil
            }
            if let index = state.available[sizeClass].lastIndex(of: number) {
                state.available[sizeClass].remove(at: index)
            }
            state.unusedNumbers.append(number)
            state.counts[sizeClass] -= 1
            return slab.start
        }
        if let unused, let start = unsafe UnsafeMutableRawPointer(bitPattern: unused) { unsafe sodium_free(start) }
    }

    /// `sodium_malloc` with zeroed memory.
    private static func allocate(_ size: Int) -> UnsafeMutableRawPointer? {
        // A multiple of 16 is aligned for every type; the guard page follows it.
        guard let block = unsafe sodium_malloc((size + 15) & ~15) else { return nil }
        unsafe sodium_memzero(block, size)
        return unsafe block
    }

    private static func write(
        header number: Int,
        _ room: Int,
        at start: UnsafeMutableRawPointer
    ) -> UnsafeMutableRawPointer {
        unsafe start.storeBytes(of: UInt64(number) ^ canary, as: UInt64.self)
        unsafe start.storeBytes(of: UInt64(room) ^ canary, toByteOffset: 8, as: UInt64.self)
        return unsafe start + headerSize
    }
}
