import Sodium
import Testing

@Suite
struct ScryptTests {
    @Test
    func agreesWithTheSpecification() throws {
        // RFC 7914, section 12, third vector; the output's first 32 of 64 bytes are the output of 32.
        let key = try Scrypt.key(
            passphrase: Array("pleaseletmein".utf8).span,
            salt: Array("SodiumChloride".utf8).span,
            logN: 14
        )
        #expect(copy(key) == bytes("7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"))
    }

    @Test
    func acceptsAnEmptyPassphraseAndSalt() throws {
        let key = try Scrypt.key(passphrase: [UInt8]().span, salt: [UInt8]().span, logN: 1)
        #expect(copy(key) == bytes("ec57b472d742138d12501bc49372377b3b96d6a2ff9f6a53e769a63c429a1792"))
    }

    @Test(arguments: [Int.min, -1, 0, 31, 63, 64, 65, Int.max])
    func otherFactorsAreErrors(logN: Int) {
        #expect(throws: SodiumError.invalidLength) {
            _ = try Scrypt.key(passphrase: [1].span, salt: [1].span, logN: logN).count
        }
    }
}
