import Age
import Testing

struct RecipientTests {
    private static let example = IdentitiesTests.exampleRecipient

    private func failure(_ text: String) throws -> AgeError {
        try #require(throws: AgeError.self) { try Recipient(bech32: text) }
    }

    @Test func theTextFormIsReadAndWritten() throws {
        let recipient = try Recipient(bech32: Self.example)
        #expect(recipient.publicKey.count == 32)
        #expect(recipient.bech32 == Self.example)
        #expect(Bech32Text.encode("age", Bech32Text.groups(recipient.publicKey)) == Self.example)
    }

    @Test func damagedRecipientsAreRefused() throws {
        let point = try Recipient(bech32: Self.example).publicKey
        let groups = Bech32Text.groups(point)
        var padded = groups
        padded[padded.count - 1] |= 1
        let texts = [
            "", "age", "age1", "age1qqqqqq", Self.example.uppercased(), String(Self.example.dropLast()),
            Self.example + "q", " " + Self.example, Self.example.replacing("z", with: "Z"),
            Self.example.replacing("z", with: "b"), Self.example.replacing("z", with: "ü"),
            Bech32Text.encode("age", padded), Bech32Text.encode("age", groups + [0]),
            Bech32Text.encode("age", Bech32Text.groups(Array(point.dropLast()))),
            Bech32Text.encode("age", Bech32Text.groups(point + [0])),
            Bech32Text.encode("age", groups, final: 0x2bc8_30a3), Bech32Text.encode("aged", groups), "github:somebody",
        ]
        for text in texts {
            guard case .malformedKey(nil, _) = try failure(text) else {
                Issue.record("\(text)")
                continue
            }
        }
    }

    @Test func otherKindsAreNamed() throws {
        let kinds = [
            "age1tag1qqqqqq": "tagged recipient",
            "age1tagpq1qqqqqq": "post-quantum tagged recipient",
            "age1yubikey1qqqqqq": "plugin recipient age-plugin-yubikey",
            "ssh-ed25519 AAAAC3 me@here": "SSH key",
            "ssh-rsa AAAAC3": "SSH key",
            "ecdsa-sha2-nistp256 AAAA": "SSH key",
        ]
        for (text, kind) in kinds { #expect(try failure(text) == .unsupportedKey(line: nil, kind: kind)) }
    }

    @Test func secretKeysAreRefusedByName() throws {
        let error = AgeError.malformedKey(
            line: 2,
            reason:
                "this is a private key: remove it, make a new one if it was committed, and put in the output of age-keygen -y"
        )
        #expect(throws: error) { try recipients("\(Self.example)\n\(IdentitiesTests.example)\n") }
    }

    @Test func recipientsFilesAreRead() throws {
        let other = try #require(try newIdentity().identities.recipients.first)
        let read = try recipients("# the team\r\n\(Self.example)\r\n\n# \(Self.example)\n\(other.bech32)")
        #expect(read.map(\.bech32) == [Self.example, other.bech32])
        #expect(
            throws: AgeError.malformedKey(line: nil, reason: "no recipient in it; write a line age1… for each person")
        ) { try recipients("# none\n") }
        #expect(throws: AgeError.unsupportedKey(line: 2, kind: "SSH key")) {
            try recipients("\(Self.example)\nssh-ed25519 AAAAC3\n")
        }
        #expect(throws: AgeError.malformedKey(line: 1, reason: "expected a line that starts with age1")) {
            try recipients("me\n")
        }
    }

    @Test func recipientsOfLowOrderAreRefused() throws {
        let zero = Bech32Text.encode("age", Bech32Text.groups([UInt8](repeating: 0, count: 32)))
        let recipient = try Recipient(bech32: zero)
        #expect(throws: AgeError.malformedKey(line: nil, reason: "the recipient is a point of low order")) {
            try encrypt([1], for: [recipient])
        }
    }
}
