import CSodium

/// HMAC-SHA256 as in RFC 2104, and HKDF as in RFC 5869 on top of it (Debian 12's libsodium has no HKDF of its own).
public enum HMACSHA256 {
    /// The length of a code, and of a key derived in one block, in bytes.
    public static let size = 32

    /// The code of a message under a key.
    public static func code(of message: Span<UInt8>, key: Span<UInt8>) throws(SodiumError) -> SecretBytes {
        try code(of: message, then: InlineArray<0, UInt8>(repeating: 0).span, key: key)
    }

    /// HKDF-Extract and HKDF-Expand for one block: 32 bytes derived from `secret`.
    public static func derive(
        from secret: Span<UInt8>,
        salt: Span<UInt8>,
        info: String
    ) throws(SodiumError) -> SecretBytes {
        let extracted = try code(of: secret, key: salt)
        let counter = InlineArray<1, UInt8>(repeating: 1)
        let info = Array(info.utf8)
        return try code(of: info.span, then: counter.span, key: extracted.span)
    }

    /// The code of the concatenation of two pieces.
    private static func code(
        of first: Span<UInt8>,
        then second: Span<UInt8>,
        key: Span<UInt8>
    ) throws(SodiumError) -> SecretBytes {
        defer { Residue.wipe() }
        var result = try SecretBytes(count: size)
        // The state reveals the key: it stays in one place and is wiped.
        unsafe withUnsafeTemporaryAllocation(of: crypto_auth_hmacsha256_state.self, capacity: 1) { state in
            guard let state = state.baseAddress else { return }
            unsafe key.withPointer { _ = unsafe crypto_auth_hmacsha256_init(state, $0, key.count) }
            unsafe first.withPointer { _ = unsafe crypto_auth_hmacsha256_update(state, $0, UInt64(first.count)) }
            unsafe second.withPointer { _ = unsafe crypto_auth_hmacsha256_update(state, $0, UInt64(second.count)) }
            unsafe result.withMutablePointer { _ = unsafe crypto_auth_hmacsha256_final(state, $0) }
            unsafe sodium_memzero(state, MemoryLayout<crypto_auth_hmacsha256_state>.size)
        }
        return result
    }
}
