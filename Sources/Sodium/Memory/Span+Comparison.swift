import CHost

/// Comparing bytes in variable time: for what nobody can guess.
extension Span<UInt8> {
    /// A hash of the bytes with a seed per process, so that nobody can prepare collisions.
    public var hash: Int {
        var hasher = Hasher()
        unsafe withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        return hasher.finalize()
    }

    /// Whether these bytes are the same as others.
    public func isSame(as other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        return unsafe withPointer { own in unsafe other.withPointer { unsafe chost_are_same(own, $0, UInt(count)) } }
    }
}
