import Sodium
import Testing
import XWing

@Suite(.enabled(if: XWing.isBuilt, "built with PQ=0: X-Wing was not tested"))
struct XWingTests {
    private let seed = [UInt8](0..<32)

    @Test func bothSidesDeriveOneSecret() throws {
        let publicKey = try XWing.publicKey(ofSeed: seed.span)
        #expect(publicKey.count == XWing.publicKeySize)
        let (first, second) = (try received(publicKey), try received(publicKey))
        #expect(first.sent == first.received)
        #expect(first.sent != second.sent)
        #expect(first.ciphertext.count == XWing.ciphertextSize)
    }

    /// A ciphertext for somebody else gives a secret that nobody has.
    @Test func anotherSeedDerivesAnotherSecret() throws {
        let made = try received(XWing.publicKey(ofSeed: seed.span))
        let other = [UInt8](repeating: 7, count: 32)
        let secret = try XWing.decapsulate(made.ciphertext.span, seed: other.span)
        #expect(bytes(secret) != made.sent)
    }

    @Test func invalidKeysAndCiphertextsAreRefused() throws {
        let publicKey = try XWing.publicKey(ofSeed: seed.span)
        // A coefficient of 12 bits that is above the prime of ML-KEM, and an X25519 point of low order.
        let bad = [
            [0xFF, 0xFF, 0xFF] + publicKey[3...], publicKey[..<1184] + [UInt8](repeating: 0, count: 32),
            publicKey.dropLast(), publicKey + [0], [],
        ]
        for key in bad { #expect(throws: XWing.Failure.invalid) { try received(Array(key)) } }
        for count in [0, 31, 33] {
            let seed = [UInt8](repeating: 1, count: count)
            #expect(throws: XWing.Failure.invalid) { try XWing.publicKey(ofSeed: seed.span) }
        }
        let ciphertext = try received(publicKey).ciphertext
        for bad in [
            ciphertext.dropLast(), ciphertext + [0], [], ciphertext[..<1088] + [UInt8](repeating: 0, count: 32),
        ] {
            let bad = Array(bad)
            #expect(throws: XWing.Failure.invalid) { _ = try XWing.decapsulate(bad.span, seed: seed.span) }
        }
    }

    /// The ciphertext and the secret of a sender, and the secret of the receiver with `seed`.
    private func received(_ publicKey: [UInt8]) throws -> (ciphertext: [UInt8], sent: [UInt8], received: [UInt8]) {
        let made = try XWing.encapsulate(to: publicKey.span)
        let secret = try XWing.decapsulate(made.ciphertext.span, seed: seed.span)
        return (made.ciphertext, bytes(made.sharedSecret), bytes(secret))
    }

    private func bytes(_ secret: borrowing SecretBytes) -> [UInt8] {
        secret.withUnsafeBytes { Array($0) }
    }
}
