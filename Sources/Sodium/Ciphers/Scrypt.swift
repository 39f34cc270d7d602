import CSodium

/// scrypt as in RFC 7914, with r = 8 and p = 1.
public enum Scrypt {
    /// A key of 32 bytes from a passphrase; takes 1 KiB shifted left by `logN` of memory.
    ///
    /// - Throws: `invalidLength` for a `logN` outside 1 to 30; `outOfMemory`.
    public static func key(
        passphrase: Span<UInt8>,
        salt: Span<UInt8>,
        logN: Int
    ) throws(SodiumError) -> SecretBytes {
        guard (1...30).contains(logN) else { throw .invalidLength }
        defer { Residue.wipe() }
        var key = try SecretBytes(count: ChaCha20Poly1305.keySize)
        let status = unsafe key.withMutablePointer { key in
            unsafe passphrase.withPointer { passphraseStart in
                unsafe salt.withPointer { saltStart in
                    unsafe crypto_pwhash_scryptsalsa208sha256_ll(
                        passphraseStart,
                        passphrase.count,
                        saltStart,
                        salt.count,
                        UInt64(1) << UInt64(logN),
                        8,
                        1,
                        key,
                        ChaCha20Poly1305.keySize
                    )
                }
            }
        }
        guard status == 0 else { throw .outOfMemory }
        return key
    }
}
