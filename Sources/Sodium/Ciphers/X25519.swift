import CSodium

/// X25519 as in RFC 7748.
public enum X25519 {
    /// The length of a secret, of a point and of a shared secret in bytes.
    public static let keySize = 32

    /// The point that belongs to a secret.
    ///
    /// - Throws: `invalidLength` for a secret of another length than 32 bytes.
    public static func publicKey(of secret: Span<UInt8>) throws(SodiumError) -> [UInt8] {
        guard secret.count == keySize else { throw .invalidLength }
        defer { Residue.wipe() }
        var point = [UInt8](repeating: 0, count: keySize)
        let status = unsafe secret.withPointer { unsafe crypto_scalarmult_base(&point, $0) }
        guard status == 0 else { throw .lowOrderPoint }
        return point
    }

    /// The secret shared by the holder of `secret` and the holder of `point`'s secret.
    ///
    /// - Throws: `invalidLength`; `lowOrderPoint` where the result is all zero (RFC 7748, section 6.1); `outOfMemory`.
    public static func sharedSecret(
        secret: Span<UInt8>,
        point: Span<UInt8>
    ) throws(SodiumError) -> SecretBytes {
        guard secret.count == keySize, point.count == keySize else { throw .invalidLength }
        defer { Residue.wipe() }
        var shared = try SecretBytes(count: keySize)
        let status = unsafe shared.withMutablePointer { shared in
            unsafe secret.withPointer { secret in
                unsafe point.withPointer { point in
                    unsafe crypto_scalarmult(shared, secret, point)
                }
            }
        }
        guard status == 0 else { throw .lowOrderPoint }
        return shared
    }
}
