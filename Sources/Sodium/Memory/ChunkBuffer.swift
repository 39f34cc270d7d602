import CHost

/// Memory in chunks of one size, which several threads use at once, each its own.
@safe
public final class ChunkBuffer: @unchecked Sendable {
    /// The size of all chunks in bytes; the last may be shorter than the others.
    public let count: Int

    private let chunkSize: Int
    private let isSecret: Bool
    private let start: UnsafeMutableRawPointer

    /// Makes bytes of any value.
    ///
    /// - Parameter isSecret: whether they are locked, kept out of core dumps and wiped, as `SecretBytes` are.
    public init(count: Int, chunkSize: Int, isSecret: Bool) throws(SodiumError) {
        self.count = count
        self.chunkSize = chunkSize
        self.isSecret = isSecret
        if isSecret {
            unsafe start = try LockedPool.take(count).block
        } else {
            guard let block = unsafe chost_allocate(UInt(max(count, 1))) else { throw .outOfMemory }
            unsafe start = block
        }
    }

    deinit {
        if isSecret { unsafe LockedPool.giveBack(start) } else { unsafe chost_free(start) }
    }

    /// Lends the first `count` bytes of a chunk, which must have as many.
    ///
    /// No other thread may use that chunk meanwhile.
    public func withChunk<Result, Failure: Error>(
        _ index: Int,
        count: Int,
        _ body: (inout MutableSpan<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard count <= chunkSize else { chost_out_of_bounds() }
        return try withRange(index * chunkSize, count, body)
    }

    /// Lends the first `count` bytes; no other thread may use them meanwhile.
    public func withFirst<Result, Failure: Error>(
        _ count: Int,
        _ body: (inout MutableSpan<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try withRange(0, count, body)
    }

    /// Begins with other bytes, for which there must be room.
    public func fill(with other: Span<UInt8>) {
        withFirst(other.count) { target in
            unsafe other.withUnsafeBytes { source in
                unsafe target.withUnsafeMutableBytes { unsafe $0.copyMemory(from: source) }
            }
        }
    }

    /// Copies as many bytes from `offset` on as fit, at most `count`, all of which must be there.
    ///
    /// - Returns: how many.
    public func copy(from offset: Int, count: Int, into target: inout MutableSpan<UInt8>) -> Int {
        let size = max(min(count, target.count), 0)
        guard size > 0 else { return 0 }
        withRange(offset, size) { source in
            let source = source.span
            unsafe source.withUnsafeBytes { source in
                unsafe target.withUnsafeMutableBytes { unsafe $0.copyMemory(from: source) }
            }
        }
        return size
    }

    private func withRange<Result, Failure: Error>(
        _ offset: Int,
        _ count: Int,
        _ body: (inout MutableSpan<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard offset >= 0, count >= 0, offset <= self.count, count <= self.count - offset else { chost_out_of_bounds() }
        let bytes = unsafe UnsafeMutableRawBufferPointer(start: start + offset, count: count)
        var span = unsafe MutableSpan<UInt8>(_unsafeBytes: bytes)
        return try body(&span)
    }
}
