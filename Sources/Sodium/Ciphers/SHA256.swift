import CSodium

/// SHA-256 as in FIPS 180-4, in one step.
public enum SHA256 {
    private static let size = Int(crypto_hash_sha256_BYTES)

    /// The hash of some bytes as 64 lower-case hexadecimal digits.
    public static func hex(of bytes: Span<UInt8>) -> String {
        withHash(of: bytes) { Hexadecimal.text(of: $0) }
    }

    /// The hash of some bytes as base64 without padding.
    public static func base64(of bytes: Span<UInt8>) -> String {
        withHash(of: bytes) { hash in
            // 43 characters and a NUL.
            unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { text in
                guard let start = text.baseAddress else { return "" }
                return unsafe hash.withPointer { hash in
                    guard
                        unsafe sodium_bin2base64(
                            start,
                            text.count,
                            hash,
                            size,
                            sodium_base64_VARIANT_ORIGINAL_NO_PADDING
                        ) != nil
                    else { return "" }
                    return unsafe String(cString: start)
                }
            }
        }
    }

    private static func withHash(of bytes: Span<UInt8>, _ body: (Span<UInt8>) -> String) -> String {
        var hash = [UInt8](repeating: 0, count: size)
        _ = unsafe bytes.withPointer { unsafe crypto_hash_sha256(&hash, $0, UInt64(bytes.count)) }
        return body(hash.span)
    }
}
