/// A string in locked memory that C gets, and gives back as an address alone.
public enum LockedCString {
    /// Copies a string into locked memory, NUL-terminated.
    public static func make(copying text: Span<UInt8>) throws(SodiumError) -> UnsafeMutablePointer<CChar> {
        guard text.count < Int.max else { throw .outOfMemory }
        let block = unsafe try LockedPool.take(text.count + 1).block
        unsafe text.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            unsafe block.copyMemory(from: start, byteCount: source.count)
        }
        unsafe block.storeBytes(of: 0, toByteOffset: text.count, as: UInt8.self)
        return unsafe block.assumingMemoryBound(to: CChar.self)
    }

    /// Wipes and frees a string from `make`.
    public static func free(_ text: UnsafeMutablePointer<CChar>) {
        unsafe LockedPool.giveBack(UnsafeMutableRawPointer(text))
    }
}
