import CHost

/// Memory of the heap that can be refused, for what holds no secret.
@usableFromInline
enum FallibleMemory {
    /// Room for `count` things of `size` bytes.
    @usableFromInline
    static func take(_ count: Int, _ size: Int) throws(SodiumError) -> UnsafeMutableRawPointer {
        let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
        guard !overflow, count >= 0, let block = unsafe chost_allocate(UInt(max(bytes, 1))) else { throw .outOfMemory }
        return unsafe block
    }

    /// Gives memory back.
    @usableFromInline
    static func giveBack(_ block: UnsafeMutableRawPointer) {
        unsafe chost_free(block)
    }
}
