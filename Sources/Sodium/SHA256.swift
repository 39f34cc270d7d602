import CSodium

/// SHA-256 as in FIPS 180-4, over bytes that come in pieces.
public struct SHA256: ~Copyable {
    /// The hash of some bytes.
    public struct Digest: Hashable, Sendable {
        /// 64 lower-case hexadecimal digits.
        public let hex: String

        /// Takes 64 lower-case hexadecimal digits; nil for anything else.
        public init?(hex: String) {
            let digits = hex.utf8
            guard digits.count == 64, digits.allSatisfy(Digest.isDigit) else { return nil }
            self.hex = hex
        }

        /// Takes the bytes of a hash.
        init(_ bytes: UnsafeRawBufferPointer) {
            let digits = Array("0123456789abcdef".utf8)
            var text: [UInt8] = []
            text.reserveCapacity(bytes.count * 2)
            for index in bytes.indices {
                let byte = unsafe bytes[index]
                text.append(digits[Int(byte >> 4)])
                text.append(digits[Int(byte & 15)])
            }
            hex = String(decoding: text, as: UTF8.self)
        }

        private static func isDigit(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
        }
    }

    // The state holds the last bytes of the input, which may be secret.
    private var state: SecretBytes

    /// Starts with no bytes.
    public init() throws(SodiumError) {
        state = try SecretBytes(count: MemoryLayout<crypto_hash_sha256_state>.stride)
        unsafe withState { unsafe crypto_hash_sha256_init($0) }
    }

    /// Adds bytes.
    public mutating func update(_ bytes: Span<UInt8>) {
        unsafe bytes.withPointer { start in
            unsafe withState { unsafe crypto_hash_sha256_update($0, start, UInt64(bytes.count)) }
        }
    }

    /// The hash of all bytes.
    public consuming func finish() throws(SodiumError) -> Digest {
        var hash = try SecretBytes(count: Int(crypto_hash_sha256_BYTES))
        unsafe hash.withMutablePointer { hash in
            unsafe withState { unsafe crypto_hash_sha256_final($0, hash) }
        }
        return unsafe hash.withUnsafeBytes { unsafe Digest($0) }
    }

    /// The hash of some bytes in one step, as base64 without padding.
    public static func base64(of bytes: Span<UInt8>) throws(SodiumError) -> String {
        var hash = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
        _ = unsafe bytes.withPointer { unsafe crypto_hash_sha256(&hash, $0, UInt64(bytes.count)) }
        // 32 bytes are 43 characters, and libsodium adds a NUL.
        return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { text in
            guard let start = text.baseAddress,
                unsafe sodium_bin2base64(start, text.count, hash, hash.count, sodium_base64_VARIANT_ORIGINAL_NO_PADDING)
                    != nil
            else { return "" }
            return unsafe String(cString: start)
        }
    }

    private mutating func withState(_ body: (UnsafeMutablePointer<crypto_hash_sha256_state>) -> Int32) {
        unsafe state.withMutablePointer { bytes in
            unsafe bytes.withMemoryRebound(to: crypto_hash_sha256_state.self, capacity: 1) { _ = unsafe body($0) }
        }
    }
}
