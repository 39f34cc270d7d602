import CHost

/// Heap allocations that can fail, for what is not secret.
@usableFromInline
enum FallibleMemory {
    /// Allocates `count` items of `size` bytes.
    @usableFromInline
    static func take(_ count: Int, _ size: Int) throws(SodiumError) -> UnsafeMutableRawPointer {
        let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
        guard !overflow, count >= 0, let block = unsafe chost_allocate(UInt(max(bytes, 1))) else { throw .outOfMemory }
        return unsafe block
    }

    /// Frees memory.
    @usableFromInline
    static func giveBack(_ block: UnsafeMutableRawPointer) {
        unsafe chost_free(block)
    }
}
