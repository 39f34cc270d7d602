/// An address for empty input: libsodium does not accept NULL.
private func withAddress<Result>(_ body: (UnsafeMutablePointer<UInt8>) -> Result) -> Result {
    unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1) { one in
        unsafe body(one.baseAddress.unsafelyUnwrapped)
    }
}

/// Lends an address, or a replacement for NULL.
func withAddress<Result>(
    of start: UnsafeMutablePointer<UInt8>?,
    _ body: (UnsafeMutablePointer<UInt8>) -> Result
) -> Result {
    guard let start = unsafe start else { return unsafe withAddress(body) }
    return unsafe body(start)
}

extension Span<UInt8> {
    /// Lends the address of the bytes, never NULL.
    func withPointer<Result>(_ body: (UnsafePointer<UInt8>) -> Result) -> Result {
        unsafe withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else {
                return unsafe withAddress { unsafe body(UnsafePointer($0)) }
            }
            return unsafe body(base)
        }
    }
}

extension SecretBytes {
    /// Lends the address of the bytes for writing, never NULL.
    mutating func withMutablePointer<Result>(_ body: (UnsafeMutablePointer<UInt8>) -> Result) -> Result {
        unsafe withUnsafeMutableBytes { bytes in
            unsafe withAddress(of: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), body)
        }
    }
}
