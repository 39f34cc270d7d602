import CSodium

/// ChaCha20-Poly1305 as in RFC 8439, without additional data.
public enum ChaCha20Poly1305 {
    /// The length of a key in bytes.
    public static let keySize = 32

    /// The length of the tag that follows a ciphertext, in bytes.
    public static let tagSize = 16

    /// A nonce of 96 bits; a key must never use one twice.
    public typealias Nonce = InlineArray<12, UInt8>

    /// Encrypts `plaintext` into the first `plaintext.count + tagSize` bytes of `output`.
    ///
    /// - Throws: `invalidLength` for a key of another length than 32 bytes, or an output that is too short.
    public static func seal(
        _ plaintext: Span<UInt8>,
        key: Span<UInt8>,
        nonce: borrowing Nonce,
        into output: inout MutableSpan<UInt8>
    ) throws(SodiumError) {
        guard key.count == keySize, plaintext.count <= output.count, output.count - plaintext.count >= tagSize else {
            throw .invalidLength
        }
        let nonce = nonce.span
        unsafe output.withUnsafeMutableBufferPointer { output in
            guard let output = output.baseAddress else { return }
            unsafe plaintext.withPointer { start in
                unsafe key.withPointer { key in
                    unsafe nonce.withPointer { unsafe seal(start, plaintext.count, key, $0, into: output) }
                }
            }
        }
    }

    /// Decrypts `ciphertext`, tag included, into the first `ciphertext.count - tagSize` bytes of `output`.
    ///
    /// - Throws: `authentication` when the tag is wrong (`output` is then all zero), `invalidLength` for a
    ///   ciphertext shorter than a tag, a key of another length than 32 bytes, or an output that is too short.
    public static func open(
        _ ciphertext: Span<UInt8>,
        key: Span<UInt8>,
        nonce: borrowing Nonce,
        into output: inout MutableSpan<UInt8>
    ) throws(SodiumError) {
        guard key.count == keySize, ciphertext.count >= tagSize, output.count >= ciphertext.count - tagSize else {
            throw .invalidLength
        }
        let nonce = nonce.span
        let isAuthentic = unsafe output.withUnsafeMutableBufferPointer { output in
            unsafe ciphertext.withPointer { start in
                unsafe key.withPointer { key in
                    unsafe nonce.withPointer { unsafe open(start, ciphertext.count, key, $0, into: output.baseAddress) }
                }
            }
        }
        guard isAuthentic else { throw .authentication }
    }

    /// Checks the tag of `ciphertext`, which is its end, without decrypting it.
    ///
    /// - Throws: `authentication` when the tag is wrong, `invalidLength` as above.
    public static func authenticate(
        _ ciphertext: Span<UInt8>,
        key: Span<UInt8>,
        nonce: borrowing Nonce
    ) throws(SodiumError) {
        guard key.count == keySize, ciphertext.count >= tagSize else { throw .invalidLength }
        let nonce = nonce.span
        let isAuthentic = unsafe ciphertext.withPointer { start in
            unsafe key.withPointer { key in
                unsafe nonce.withPointer { unsafe open(start, ciphertext.count, key, $0, into: nil) }
            }
        }
        guard isAuthentic else { throw .authentication }
    }

    /// libsodium's call, for lengths that were checked.
    static func seal(
        _ plaintext: UnsafePointer<UInt8>,
        _ count: Int,
        _ key: UnsafePointer<UInt8>,
        _ nonce: UnsafePointer<UInt8>,
        into output: UnsafeMutablePointer<UInt8>
    ) {
        _ = unsafe crypto_aead_chacha20poly1305_ietf_encrypt(
            output,
            nil,
            plaintext,
            UInt64(count),
            nil,
            0,
            nil,
            nonce,
            key
        )
        Residue.wipe()
    }

    /// libsodium's call, for lengths that were checked; returns whether the tag is right, and only that without an output.
    static func open(
        _ ciphertext: UnsafePointer<UInt8>,
        _ count: Int,
        _ key: UnsafePointer<UInt8>,
        _ nonce: UnsafePointer<UInt8>,
        into output: UnsafeMutablePointer<UInt8>?
    ) -> Bool {
        defer { Residue.wipe() }
        return unsafe crypto_aead_chacha20poly1305_ietf_decrypt(
            output,
            nil,
            nil,
            ciphertext,
            UInt64(count),
            nil,
            0,
            nonce,
            key
        ) == 0
    }
}
