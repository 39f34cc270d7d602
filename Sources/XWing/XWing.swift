public import Sodium

#if XWING
    import CXWing
#endif

/// X-Wing, the hybrid KEM of ML-KEM-768 and X25519 (draft-connolly-cfrg-xwing-kem).
///
/// Seeds, expanded keys and shared secrets are in secret memory. What BoringSSL leaves on the stack is wiped.
public enum XWing {
    /// Why there is no result.
    public enum Failure: Error, Equatable {
        /// This build does not have X-Wing.
        case notBuilt

        /// An invalid public key or ciphertext, or one with a point of low order.
        case invalid

        /// Secret memory failed.
        case memory(SodiumError)
    }

    /// The result of encapsulation.
    public struct Encapsulation: ~Copyable {
        /// What the receiver needs to derive the same secret.
        public let ciphertext: [UInt8]

        /// The secret that sender and receiver share.
        public let sharedSecret: SecretBytes
    }

    /// The length of a private key's seed in bytes.
    public static let seedSize = 32

    /// The length of a public key in bytes.
    public static let publicKeySize = 1216

    /// The length of a ciphertext in bytes.
    public static let ciphertextSize = 1120

    /// The length of a shared secret in bytes.
    public static let sharedSecretSize = 32

    #if XWING
        /// Whether this build has X-Wing.
        public static let isBuilt = true

        /// How deep the stack is wiped; the deepest function, encapsulation, uses 16 KiB.
        private static let depth = 24 * 1024

        /// The public key that belongs to a seed.
        ///
        /// - Throws: `invalid` for a seed of another length; `memory`.
        public static func publicKey(ofSeed seed: Span<UInt8>) throws(Failure) -> [UInt8] {
            let privateKey = try expand(seed)
            defer { Residue.wipe(depth: depth) }
            var publicKey = [UInt8](repeating: 0, count: publicKeySize)
            let status = unsafe privateKey.withUnsafeBytes { unsafe cxwing_public_key(&publicKey, address(of: $0)) }
            guard status == 1 else { throw .invalid }
            return publicKey
        }

        /// Makes a new secret for the holder of a public key.
        ///
        /// - Throws: `invalid` for an invalid public key; `memory`.
        public static func encapsulate(to publicKey: Span<UInt8>) throws(Failure) -> Encapsulation {
            guard publicKey.count == publicKeySize else { throw .invalid }
            // From libsodium's generator: BoringSSL's would add state to each thread.
            let entropy = try mapError(Failure.memory, Random.secret(count: Int(CXWING_ENTROPY_SIZE)))
            var shared = try mapError(Failure.memory, SecretBytes(count: sharedSecretSize))
            defer { Residue.wipe(depth: depth) }
            var ciphertext = [UInt8](repeating: 0, count: ciphertextSize)
            let status = unsafe shared.withUnsafeMutableBytes { shared in
                unsafe entropy.withUnsafeBytes { entropy in
                    unsafe publicKey.withUnsafeBytes { publicKey in
                        unsafe cxwing_encapsulate(
                            &ciphertext,
                            shared.baseAddress?.assumingMemoryBound(to: UInt8.self),
                            address(of: publicKey),
                            address(of: entropy)
                        )
                    }
                }
            }
            guard status == 1 else { throw .invalid }
            return Encapsulation(ciphertext: ciphertext, sharedSecret: shared)
        }

        /// The secret in a ciphertext; where the ciphertext is for somebody else, a secret that nobody knows.
        ///
        /// - Throws: `invalid` for an invalid ciphertext; `memory`.
        public static func decapsulate(
            _ ciphertext: Span<UInt8>,
            seed: Span<UInt8>
        ) throws(Failure) -> SecretBytes {
            guard ciphertext.count == ciphertextSize else { throw .invalid }
            let privateKey = try expand(seed)
            defer { Residue.wipe(depth: depth) }
            var shared = try mapError(Failure.memory, SecretBytes(count: sharedSecretSize))
            let status = unsafe shared.withUnsafeMutableBytes { shared in
                unsafe privateKey.withUnsafeBytes { privateKey in
                    unsafe ciphertext.withUnsafeBytes { ciphertext in
                        unsafe cxwing_decapsulate(
                            shared.baseAddress?.assumingMemoryBound(to: UInt8.self),
                            address(of: ciphertext),
                            address(of: privateKey)
                        )
                    }
                }
            }
            guard status == 1 else { throw .invalid }
            return shared
        }

        /// The private key that BoringSSL computes with.
        private static func expand(_ seed: Span<UInt8>) throws(Failure) -> SecretBytes {
            guard seed.count == seedSize else { throw .invalid }
            var privateKey = try mapError(Failure.memory, SecretBytes(count: Int(CXWING_PRIVATE_KEY_SIZE)))
            defer { Residue.wipe(depth: depth) }
            let status = unsafe privateKey.withUnsafeMutableBytes { privateKey in
                unsafe seed.withUnsafeBytes { seed in
                    unsafe cxwing_expand(
                        privateKey.baseAddress?.assumingMemoryBound(to: UInt8.self),
                        address(of: seed)
                    )
                }
            }
            guard status == 1 else { throw .invalid }
            return privateKey
        }

        /// The address of bytes, which are never empty here.
        private static func address(of bytes: UnsafeRawBufferPointer) -> UnsafePointer<UInt8>? {
            unsafe bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        }
    #else
        /// Whether this build has X-Wing.
        public static let isBuilt = false

        /// Throws `notBuilt`.
        public static func publicKey(ofSeed seed: Span<UInt8>) throws(Failure) -> [UInt8] {
            throw .notBuilt
        }

        /// Throws `notBuilt`.
        public static func encapsulate(to publicKey: Span<UInt8>) throws(Failure) -> Encapsulation {
            throw .notBuilt
        }

        /// Throws `notBuilt`.
        public static func decapsulate(
            _ ciphertext: Span<UInt8>,
            seed: Span<UInt8>
        ) throws(Failure) -> SecretBytes {
            throw .notBuilt
        }
    #endif
}
