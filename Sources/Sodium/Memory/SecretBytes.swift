import CHost
import CSodium

/// Bytes in locked memory between guard pages, never copied implicitly, and wiped at the end.
///
/// All plaintext, keys, identities and parsed values are kept in it. One `SecretBytes` is the arena of a whole document
/// or result: values are offsets into it, since a block costs a system call or more and an offset nothing.
/// Where the limit on locked memory (`RLIMIT_MEMLOCK`) is reached the bytes are no longer pinned, but still kept out
/// of core dumps and still wiped; memory that cannot be kept out of them is an error.
@safe
public struct SecretBytes: ~Copyable, @unchecked Sendable {
    private var base: UnsafeMutableRawPointer
    private var capacity: Int

    /// How many bytes are in use.
    public private(set) var count: Int

    /// Makes `count` zero bytes.
    public init(count: Int) throws(SodiumError) {
        guard count >= 0 else { throw .outOfMemory }
        let (block, capacity) = unsafe try LockedPool.take(count)
        unsafe self.base = block
        self.capacity = capacity
        self.count = count
    }

    /// Makes an empty value with room for `minimumCapacity` bytes before it must move.
    public init(minimumCapacity: Int) throws(SodiumError) {
        try self.init(count: minimumCapacity)
        count = 0
    }

    /// Makes a copy of some bytes.
    public init(copying bytes: Span<UInt8>) throws(SodiumError) {
        try self.init(count: bytes.count)
        unsafe bytes.withUnsafeBytes { source in
            guard let source = source.baseAddress else { return }
            unsafe base.copyMemory(from: source, byteCount: count)
        }
    }

    deinit {
        unsafe LockedPool.giveBack(base)
    }

    /// The bytes in use.
    public var span: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            let start = unsafe UnsafePointer(base.assumingMemoryBound(to: UInt8.self))
            return unsafe _overrideLifetime(Span(_unsafeStart: start, count: count), borrowing: self)
        }
    }

    /// The bytes in use, for changes in place.
    public var mutableSpan: MutableSpan<UInt8> {
        @_lifetime(&self)
        mutating get {
            let start = unsafe base.assumingMemoryBound(to: UInt8.self)
            return unsafe _overrideLifetime(MutableSpan(_unsafeStart: start, count: count), mutating: &self)
        }
    }

    /// Adds one byte at the end.
    public mutating func append(_ byte: UInt8) throws(SodiumError) {
        try reserve(1)
        unsafe base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count += 1
    }

    /// Adds bytes at the end, which must not be part of this value.
    public mutating func append(_ bytes: Span<UInt8>) throws(SodiumError) {
        guard !bytes.isEmpty else { return }
        try reserve(bytes.count)
        unsafe bytes.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            unsafe (base + count).copyMemory(from: start, byteCount: source.count)
        }
        count += bytes.count
    }

    /// Adds the UTF-8 of a string at the end.
    public mutating func append(utf8 text: String) throws(SodiumError) {
        var text = text
        let failure = text.withUTF8 { bytes -> SodiumError? in
            do throws(SodiumError) {
                try append(unsafe Span(_unsafeElements: bytes))
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    /// Drops and wipes the bytes from `newCount` on; a larger count changes nothing.
    public mutating func truncate(to newCount: Int) {
        guard newCount >= 0, newCount < count else { return }
        unsafe sodium_memzero(base + newCount, count - newCount)
        count = newCount
    }

    /// Lends the bytes to C.
    ///
    /// The pointer is valid until the closure returns, or, where the owner keeps this value alive
    /// and does not change it, for as long as the value lives.
    public borrowing func withUnsafeBytes<Result: ~Copyable, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        unsafe try body(UnsafeRawBufferPointer(start: base, count: count))
    }

    /// Lends the bytes to C for writing.
    public mutating func withUnsafeMutableBytes<Result: ~Copyable, Failure: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        unsafe try body(UnsafeMutableRawBufferPointer(start: base, count: count))
    }

    /// Whether two values hold the same bytes, in time that depends only on their lengths.
    public static func constantTimeEquals(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        return unsafe left.withPointer { leftStart in
            unsafe right.withPointer { unsafe sodium_memcmp(leftStart, $0, left.count) == 0 }
        }
    }

    /// Whether these bytes are the same as others, in time that depends only on the lengths.
    public borrowing func constantTimeEquals(_ other: Span<UInt8>) -> Bool {
        let own = span
        return SecretBytes.constantTimeEquals(own, other)
    }

    /// Whether both hold the same bytes, in time that depends only on their lengths; for members of objects, of which no
    /// span can be taken.
    public borrowing func constantTimeEquals(_ other: borrowing SecretBytes) -> Bool {
        constantTimeEquals(other.span)
    }

    /// Copies the bytes from `offset` on, as many as fit into `target`.
    ///
    /// - Returns: how many.
    public borrowing func copy(from offset: Int, into target: inout MutableSpan<UInt8>) -> Int {
        guard offset >= 0, offset < count else { return 0 }
        let size = min(count - offset, target.count)
        unsafe target.withUnsafeMutableBytes { target in
            guard let start = target.baseAddress else { return }
            unsafe start.copyMemory(from: base + offset, byteCount: size)
        }
        return size
    }

    /// Moves to a larger block where `additional` more bytes do not fit; the old block is wiped.
    private mutating func reserve(_ additional: Int) throws(SodiumError) {
        let (needed, overflow) = count.addingReportingOverflow(additional)
        guard !overflow, needed <= Int.max / 2 else { throw .outOfMemory }
        guard needed > capacity else { return }
        let (block, newCapacity) = unsafe try LockedPool.take(max(needed, capacity * 2))
        unsafe block.copyMemory(from: base, byteCount: count)
        unsafe LockedPool.giveBack(base)
        unsafe base = block
        capacity = newCapacity
    }
}
