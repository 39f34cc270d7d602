import CSodium

/// The fingerprint of bytes that come in pieces, to detect later changes: Poly1305 (RFC 8439, section 2.5) under a
/// private key.
///
/// Nobody without the key can check it, but it is four times as fast as the fastest hash here. Poly1305 is a universal
/// hash: for a random key, two different files of up to n bytes have one fingerprint with a probability of at most
/// n / 2^107, however they were chosen, as long as who chose them knows neither the key nor a fingerprint under it.
public struct Fingerprint: ~Copyable {
    /// A key, which is as private as the fingerprints that are kept with it.
    public struct Key: Hashable, Sendable {
        /// 64 lower-case hexadecimal digits.
        public let hex: String

        /// Takes 64 lower-case hexadecimal digits; nil for anything else.
        public init?(hex: String) {
            guard Hexadecimal.areDigits(hex, count: 2 * Int(crypto_onetimeauth_KEYBYTES)) else { return nil }
            self.hex = hex
        }

        /// Makes a new key.
        public static func random() throws(SodiumError) -> Key {
            Key(try Random.bytes(count: Int(crypto_onetimeauth_KEYBYTES)))
        }

        private init(_ bytes: [UInt8]) {
            hex = Hexadecimal.text(of: bytes.span)
        }
    }

    /// The fingerprint of some bytes.
    public struct Digest: Hashable, Sendable {
        /// 32 lower-case hexadecimal digits.
        public let hex: String

        /// Takes 32 lower-case hexadecimal digits; nil for anything else.
        public init?(hex: String) {
            guard Hexadecimal.areDigits(hex, count: 2 * Int(crypto_onetimeauth_BYTES)) else { return nil }
            self.hex = hex
        }

        fileprivate init(_ bytes: Span<UInt8>) {
            hex = Hexadecimal.text(of: bytes)
        }
    }

    /// The alignment that libsodium needs for a state.
    private static let alignment = 64

    // The state holds the key and the last bytes of the input, which may be secret.
    private var state: SecretBytes

    /// Makes the fingerprint of no bytes yet.
    public init(key: Key) throws(SodiumError) {
        let bytes = try Hexadecimal.bytes(of: key.hex)
        state = try SecretBytes(count: crypto_onetimeauth_statebytes() + Self.alignment)
        unsafe bytes.span.withPointer { bytes in
            unsafe withState { unsafe crypto_onetimeauth_init($0, bytes) }
        }
    }

    /// Adds bytes.
    public mutating func update(_ bytes: Span<UInt8>) {
        unsafe bytes.withPointer { start in
            unsafe withState { unsafe crypto_onetimeauth_update($0, start, UInt64(bytes.count)) }
        }
    }

    /// The fingerprint of all bytes.
    public consuming func finish() -> Digest {
        var digest = InlineArray<16, UInt8>(repeating: 0)
        var bytes = digest.mutableSpan
        unsafe bytes.withUnsafeMutableBufferPointer { bytes in
            guard let start = bytes.baseAddress else { return }
            unsafe withState { unsafe crypto_onetimeauth_final($0, start) }
        }
        return Digest(digest.span)
    }

    private mutating func withState(_ body: (UnsafeMutablePointer<crypto_onetimeauth_state>) -> Int32) {
        unsafe state.withMutablePointer { bytes in
            let start = unsafe UnsafeMutableRawPointer(bytes).alignedUp(toMultipleOf: Self.alignment)
            _ = unsafe body(start.assumingMemoryBound(to: crypto_onetimeauth_state.self))
        }
    }
}
