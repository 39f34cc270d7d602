import Sodium
import Testing

@Suite
struct X25519Tests {
    @Test
    func agreesWithTheSpecification() throws {
        // RFC 7748, section 5.2, first vector.
        let shared = try X25519.sharedSecret(
            secret: bytes("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4").span,
            point: bytes("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c").span
        )
        #expect(copy(shared) == bytes("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"))
    }

    @Test
    func agreesOnAKey() throws {
        // RFC 7748, section 6.1: Bob's secret and point, Alice's point, the shared secret.
        let secret = bytes("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")
        let point = try X25519.publicKey(of: secret.span)
        #expect(point == bytes("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"))
        let shared = try X25519.sharedSecret(
            secret: secret.span,
            point: bytes("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a").span
        )
        #expect(copy(shared) == bytes("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"))
    }

    @Test
    func bothSidesAgree() throws {
        let one = try Random.secret(count: 32)
        let other = try Random.secret(count: 32)
        let onePoint = try X25519.publicKey(of: one.span)
        let otherPoint = try X25519.publicKey(of: other.span)
        let here = try X25519.sharedSecret(secret: one.span, point: otherPoint.span)
        let there = try X25519.sharedSecret(secret: other.span, point: onePoint.span)
        #expect(copy(here) == copy(there))
    }

    @Test(arguments: [
        String(repeating: "00", count: 32),
        "01" + String(repeating: "00", count: 31),
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ])
    func pointsOfLowOrderAreRefused(point: String) throws {
        let secret = try Random.secret(count: 32)
        do {
            let shared = try X25519.sharedSecret(secret: secret.span, point: bytes(point).span)
            Issue.record("accepted, \(shared.count) bytes")
        } catch {
            #expect(error == .lowOrderPoint)
        }
    }

    @Test(arguments: [0, 1, 31, 33, 64, 1000])
    func otherLengthsAreErrors(length: Int) {
        let odd = [UInt8](repeating: 9, count: length)
        let good = [UInt8](repeating: 9, count: 32)
        #expect(throws: SodiumError.invalidLength) { try X25519.publicKey(of: odd.span) }
        #expect(throws: SodiumError.invalidLength) {
            _ = try X25519.sharedSecret(secret: odd.span, point: good.span).count
        }
        #expect(throws: SodiumError.invalidLength) {
            _ = try X25519.sharedSecret(secret: good.span, point: odd.span).count
        }
    }
}
