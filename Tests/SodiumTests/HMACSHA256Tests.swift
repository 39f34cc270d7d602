import Sodium
import Testing

@Suite
struct HMACSHA256Tests {
    @Test
    func codesAgreeWithTheSpecification() throws {
        // RFC 4231, test cases 1, 2 and 6, and the code of nothing under no key.
        let cases: [(key: [UInt8], message: String, code: String)] = [
            (
                [UInt8](repeating: 0x0B, count: 20), "Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
            ),
            (
                Array("Jefe".utf8), "what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            ),
            (
                [UInt8](repeating: 0xAA, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
            ),
            ([], "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
        ]
        for (key, message, code) in cases {
            let result = try HMACSHA256.code(of: Array(message.utf8).span, key: key.span)
            #expect(copy(result) == bytes(code))
        }
    }

    @Test
    func derivedKeysAgreeWithTheSpecification() throws {
        let secret = [UInt8](repeating: 0x0B, count: 22)
        // RFC 5869, test case 3; its first 32 of 42 bytes are the first block.
        let plain = try HMACSHA256.derive(from: secret.span, salt: [UInt8]().span, info: "")
        #expect(copy(plain) == bytes("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"))
        // With salt and info, from a second implementation.
        let salt = Array(UInt8(0)..<13)
        let full = try HMACSHA256.derive(from: secret.span, salt: salt.span, info: "age-encryption.org/v1/X25519")
        #expect(copy(full) == bytes("a3463eba24bbf725460b31e97da19719669379b61290ce5f8655fed7a285ce74"))
    }
}
