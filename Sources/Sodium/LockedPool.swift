import CSodium

/// Blocks from `sodium_malloc`, kept for the next use in two sizes.
///
/// A `sodium_malloc` with its `sodium_free` costs 22 to 32 µs and four memory maps, as much as half an X25519, and one
/// look-up needs half a dozen short-lived blocks. A block is wiped before it comes back here, so the pool never holds
/// a secret. Guard pages and canary stay in place for as long as the process lives.
enum LockedPool {
    /// One size of block: every request up to `capacity` gets a block of that size.
    private struct SizeClass {
        let capacity: Int
        let limit: Int
        /// Addresses, since a pointer cannot be shared between threads.
        var free: [UInt] = []
    }

    /// `sodium_malloc` adds a canary of 16 bytes; with it a block fills its pages exactly.
    private static let canary = 16
    private static let page = 4096

    private static let classes = Guarded<[SizeClass]>([
        SizeClass(capacity: page - canary, limit: 32),
        SizeClass(capacity: 17 * page - canary, limit: 4),
    ])

    /// libsodium, initialised once for the process; false if the system gives no random numbers.
    static let isReady: Bool = sodium_init() >= 0

    /// A block of zeros with room for at least `size` bytes, and the room it has.
    static func take(_ size: Int) throws(SodiumError) -> (block: UnsafeMutableRawPointer, capacity: Int) {
        guard isReady else { throw .unavailable }
        let known = classes.withLock { classes -> (address: UInt, capacity: Int)? in
            guard let index = classes.firstIndex(where: { size <= $0.capacity }) else { return nil }
            guard let address = classes[index].free.popLast() else { return (0, classes[index].capacity) }
            return (address, classes[index].capacity)
        }
        if let known, let block = unsafe UnsafeMutableRawPointer(bitPattern: known.address) {
            return unsafe (block, known.capacity)
        }
        let capacity = known?.capacity ?? max(size, 1)
        guard let block = unsafe sodium_malloc(capacity) else { throw .outOfMemory }
        unsafe sodium_memzero(block, capacity)
        return unsafe (block, capacity)
    }

    /// Wipes a block and keeps it, or frees it where enough of its size are kept.
    static func giveBack(_ block: UnsafeMutableRawPointer, capacity: Int) {
        unsafe sodium_memzero(block, capacity)
        let address = UInt(bitPattern: block)
        let isKept = classes.withLock { classes -> Bool in
            guard let index = classes.firstIndex(where: { capacity == $0.capacity }),
                classes[index].free.count < classes[index].limit
            else { return false }
            classes[index].free.append(address)
            return true
        }
        if !isKept { unsafe sodium_free(block) }
    }
}
