import Sodium
import Testing

@Suite
struct ChaCha20Poly1305Tests {
    // RFC 8439, section 2.8.2, whose ciphertext does not depend on the additional data. The tag without additional data
    // is from a second implementation, which gives the specification's own tag where the data is there.
    private let key = bytes("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f")
    private let nonce: ChaCha20Poly1305.Nonce = [7, 0, 0, 0, 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47]
    private let plaintext = Array(
        ("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
            + "sunscreen would be it.").utf8
    )
    private let ciphertext = bytes(
        """
        d31a8d34648e60db7b86afbc53ef7ec2 a4aded51296e08fea9e2b5a736ee62d6 3dbea45e8ca9671282fafb69da92728b
        1a71de0a9e060b2905d6a5b67ecd3b36 92ddbd7f2d778b8c9803aee328091b58 fab324e4fad675945585808b4831d7bc
        3ff4def08e4b7a9de576d26586cec64b 6116 6a23a4681fd59456aea1d29f82477216
        """
    )

    /// Decrypts into as many bytes as asked for.
    private func open(_ input: [UInt8], key: [UInt8], room: Int) throws(SodiumError) -> [UInt8] {
        var output = [UInt8](repeating: 0xFF, count: room)
        var span = output.mutableSpan
        try ChaCha20Poly1305.open(input.span, key: key.span, nonce: nonce, into: &span)
        return output
    }

    /// Encrypts into as many bytes as asked for.
    private func seal(_ input: [UInt8], key: [UInt8], room: Int) throws(SodiumError) -> [UInt8] {
        var output = [UInt8](repeating: 0xFF, count: room)
        var span = output.mutableSpan
        try ChaCha20Poly1305.seal(input.span, key: key.span, nonce: nonce, into: &span)
        return output
    }

    @Test
    func agreesWithTheSpecification() throws {
        #expect(try seal(plaintext, key: key, room: ciphertext.count) == ciphertext)
        #expect(try open(ciphertext, key: key, room: plaintext.count) == plaintext)
    }

    @Test
    func moreRoomThanNeededStaysAsItWas() throws {
        #expect(try seal(plaintext, key: key, room: ciphertext.count + 2) == ciphertext + [0xFF, 0xFF])
        #expect(try open(ciphertext, key: key, room: plaintext.count + 2) == plaintext + [0xFF, 0xFF])
    }

    @Test
    func theEmptyPlaintextCanBeSealed() throws {
        let sealed = try seal([], key: key, room: 16)
        #expect(try open(sealed, key: key, room: 0) == [])
    }

    @Test
    func everyChangedByteIsNoticed() throws {
        for index in ciphertext.indices {
            var changed = ciphertext
            changed[index] ^= 1
            #expect(throws: SodiumError.authentication) { try open(changed, key: key, room: plaintext.count) }
        }
        var otherKey = key
        otherKey[0] ^= 1
        #expect(throws: SodiumError.authentication) { try open(ciphertext, key: otherKey, room: plaintext.count) }
    }

    @Test
    func aTagIsCheckedWithoutDecrypting() throws {
        try ChaCha20Poly1305.authenticate(ciphertext.span, key: key.span, nonce: nonce)
        for index in ciphertext.indices {
            var changed = ciphertext
            changed[index] ^= 1
            #expect(throws: SodiumError.authentication) {
                try ChaCha20Poly1305.authenticate(changed.span, key: key.span, nonce: nonce)
            }
        }
        let (short, otherKey) = (Array(ciphertext.prefix(15)), Array(key.dropLast()))
        #expect(throws: SodiumError.invalidLength) {
            try ChaCha20Poly1305.authenticate(short.span, key: key.span, nonce: nonce)
        }
        #expect(throws: SodiumError.invalidLength) {
            try ChaCha20Poly1305.authenticate(ciphertext.span, key: otherKey.span, nonce: nonce)
        }
    }

    @Test
    func aBadTagLeavesNoPlaintext() throws {
        var output = [UInt8](repeating: 0xFF, count: plaintext.count)
        var changed = ciphertext
        changed[ciphertext.count - 1] ^= 1
        var span = output.mutableSpan
        var failure: SodiumError?
        do {
            try ChaCha20Poly1305.open(changed.span, key: key.span, nonce: nonce, into: &span)
        } catch {
            failure = error
        }
        #expect(failure == .authentication)
        #expect(output.allSatisfy { $0 == 0 })
    }

    @Test
    func wrongLengthsAreErrors() {
        for length in [0, 1, 31, 33, 1000] {
            let odd = [UInt8](repeating: 1, count: length)
            #expect(throws: SodiumError.invalidLength) { try seal(plaintext, key: odd, room: 1000) }
            #expect(throws: SodiumError.invalidLength) { try open(ciphertext, key: odd, room: 1000) }
        }
        for length in 0..<16 {
            let short = Array(ciphertext.prefix(length))
            #expect(throws: SodiumError.invalidLength) { try open(short, key: key, room: 1000) }
        }
        #expect(throws: SodiumError.invalidLength) { try seal(plaintext, key: key, room: ciphertext.count - 1) }
        #expect(throws: SodiumError.invalidLength) { try seal(plaintext, key: key, room: 0) }
        #expect(throws: SodiumError.invalidLength) { try seal([], key: key, room: 15) }
        #expect(throws: SodiumError.invalidLength) { try open(ciphertext, key: key, room: plaintext.count - 1) }
        #expect(throws: SodiumError.invalidLength) { try open(ciphertext, key: key, room: 0) }
    }
}
