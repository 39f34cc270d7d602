extension Span<UInt8> {
    /// A hash of the bytes with a seed per process, so that nobody can prepare collisions.
    public var hash: Int {
        var hasher = Hasher()
        unsafe withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        return hasher.finalize()
    }
}
