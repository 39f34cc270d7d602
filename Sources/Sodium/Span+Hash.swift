extension Span<UInt8> {
    /// A number for the bytes that differs from process to process, so that nobody can prepare collisions.
    public var hash: Int {
        var hasher = Hasher()
        unsafe withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        return hasher.finalize()
    }
}
