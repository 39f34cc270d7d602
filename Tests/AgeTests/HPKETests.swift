import Sodium
import Testing

@testable import Age

@Suite
struct HPKETests {
    @Test
    func theKeyScheduleAgreesWithTheSpecification() throws {
        // RFC 9180, A.2.1: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305, base mode.
        let shared = bytes("0bbe78490412b4bbea4812666f7916932b828bba79942424abb65244930d69a7")
        let result = try HPKE(kem: 0x0020).keyAndNonce(sharedSecret: shared.span, info: "Ode on a Grecian Urn")
        let expected = bytes(
            "ad2744de8e17f4ebba575b3f5f5a8fa1f69c2a07f6e7500bc60ca6e3e3ec1c91" + "5c4d98150661b848853b547f"
        )
        let same = result.constantTimeEquals(expected.span)
        #expect(same)
    }

    @Test
    func anotherKEMGivesAnotherKey() throws {
        let shared = [UInt8](repeating: 7, count: 32)
        let one = try HPKE(kem: 0x647A).keyAndNonce(sharedSecret: shared.span, info: "x")
        let other = try HPKE(kem: 0x0020).keyAndNonce(sharedSecret: shared.span, info: "x")
        let same = one.constantTimeEquals(other.span)
        #expect(!same)
    }

    /// The bytes that hexadecimal digits stand for.
    private func bytes(_ digits: String) -> [UInt8] {
        let values = digits.compactMap { $0.hexDigitValue }
        return stride(from: 0, to: values.count, by: 2).map { UInt8(values[$0] * 16 + values[$0 + 1]) }
    }
}
