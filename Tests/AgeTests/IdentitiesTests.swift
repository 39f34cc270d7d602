import TestSupport
import Testing

@testable import Age

struct IdentitiesTests {
    /// The example of the specification.
    static let example = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
    static let exampleRecipient = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"

    private func failure(_ text: String) throws -> AgeError {
        try #require(throws: AgeError.self) { try identities(text) }
    }

    /// Whether a string fails as a malformed key in a line, with a message that quotes nothing of it.
    private func isMalformed(_ text: String, line: Int? = 1, _ part: String = "") throws -> Bool {
        let error = try failure(text)
        guard case .malformedKey(let found, let reason) = error else { return false }
        return found == line && (part.isEmpty || reason.contains(part))
    }

    @Test func theExampleOfTheSpecificationIsRead() throws {
        let key = try identities(Self.example)
        #expect(key.recipients.map(\.bech32) == [Self.exampleRecipient])
        #expect(key.count == 1)
        #expect(key.ignored.isEmpty)
    }

    @Test func filesMayHaveCommentsBlankLinesAndOtherLineEnds() throws {
        let other = try newIdentity()
        let text = "# created: today\r\n\r\n\(Self.example)\r\n \t\n# \(Self.example)\n  \(other.text)\t"
        let key = try identities(text)
        #expect(key.recipients.map(\.bech32).first == Self.exampleRecipient)
        #expect(key.count == 2)
    }

    @Test func listsMayBeSeparatedBySpacesTabsAndLines() throws {
        let keys = try (0..<4).map { _ in try newIdentity() }
        let text = "\(keys[0].text) \(keys[1].text)\t\(keys[2].text)  # the last\n# one more:\n\(keys[3].text)\n"
        #expect(try identityList(text).recipients == keys.flatMap(\.identities.recipients))
        #expect(try identityList("AGE-PLUGIN-X-1QQ \(keys[0].text)").ignored == ["plugin identity age-plugin-x"])
        #expect(throws: AgeError.self) { try identities("\(keys[0].text) \(keys[1].text)") }
        #expect(throws: AgeError.malformedKey(line: nil, reason: "no identity in it")) { try identityList(" \n") }
        #expect(throws: AgeError.unsupportedKey(line: 1, kind: "SSH key")) { try identityList("ssh-ed25519 AAAA me") }
    }

    @Test func damagedKeysAreRefused() throws {
        let secret = [UInt8](repeating: 0x42, count: 32)
        let groups = Bech32Text.groups(secret)
        let prefix = "AGE-SECRET-KEY-"
        #expect(Bech32Text.encode(prefix, groups) == Self.example)
        var padded = groups
        padded[padded.count - 1] |= 1
        var changed = Array(Self.example.utf8)
        changed[20] = changed[20] == UInt8(ascii: "Q") ? UInt8(ascii: "P") : UInt8(ascii: "Q")
        #expect(try isMalformed(String(decoding: changed, as: UTF8.self), "checksum"))
        #expect(try isMalformed(String(Self.example.dropLast()), "checksum"))
        #expect(try isMalformed(Self.example.lowercased()))
        #expect(try isMalformed(prefix + "1" + Self.example.dropFirst(16).lowercased(), "mixed"))
        #expect(try isMalformed(String(Self.example.dropLast(3)) + "aex", "mixed"))
        #expect(try isMalformed(Self.example.replacing("Z", with: "B"), "character"))
        #expect(try isMalformed(Self.example.replacing("Z", with: "1"), "character"))
        #expect(try isMalformed(Self.example + "É", "character"))
        #expect(try isMalformed(Bech32Text.encode(prefix, padded), "left over"))
        #expect(try isMalformed(Bech32Text.encode(prefix, Array(groups.dropLast(3))), "left over"))
        #expect(try isMalformed(Bech32Text.encode(prefix, groups + [0]), "length"))
        #expect(try isMalformed(Bech32Text.encode(prefix, groups, final: 0x2bc8_30a3), "checksum"))
        #expect(try isMalformed(Bech32Text.encode(prefix, Bech32Text.groups(Array(secret.dropLast()))), "length"))
        #expect(try isMalformed(Bech32Text.encode(prefix, Bech32Text.groups(secret + [1])), "length"))
        #expect(try isMalformed(Bech32Text.encode(prefix, []), "length"))
        #expect(try isMalformed(prefix + "1", "length"))
        #expect(try isMalformed(prefix + "1QQQQQ", "length"))
        #expect(try isMalformed(prefix))
        #expect(try isMalformed(Bech32Text.encode("AGE-SECRET-KEY-X-", groups)))
    }

    @Test func messagesNameTheLineAndQuoteNothing() throws {
        let lines = ["# comment", Self.example, "", Self.example + "Q", "SECRETSECRET"]
        #expect(try isMalformed(lines.prefix(4).joined(separator: "\n"), line: 4))
        let error = try failure(([lines[1]] + lines.suffix(1)).joined(separator: "\n"))
        #expect(error == .malformedKey(line: 2, reason: "expected a line that starts with AGE-SECRET-KEY-1"))
        #expect(!"\(try failure(Self.example + "Q"))".contains("GFPYY"))
    }

    @Test func filesWithoutIdentitiesAreRefused() throws {
        #expect(try isMalformed("", line: nil))
        #expect(try isMalformed("# nothing\n\n", line: nil))
        #expect(try isMalformed(Self.exampleRecipient, "public"))
        #expect(try isMalformed("age-encryption.org/v1\n", "encrypted"))
        #expect(try isMalformed("-----BEGIN AGE ENCRYPTED FILE-----\n", "encrypted"))
    }

    @Test func otherKindsAreNamed() throws {
        let kinds = [
            "AGE-PLUGIN-YUBIKEY-1QQQQ": "plugin identity age-plugin-yubikey",
            "AGE-PLUGIN-FIDO2-HMAC-1QQQQ": "plugin identity age-plugin-fido2-hmac",
            "AGE-PLUGIN-1QQQQ": "plugin identity",
            "-----BEGIN OPENSSH PRIVATE KEY-----": "SSH key",
            "-----BEGIN RSA PRIVATE KEY-----": "SSH key",
            "-----BEGIN PGP PRIVATE KEY BLOCK-----": "PGP key",
            "ssh-ed25519 AAAAC3": "SSH key",
        ]
        for (text, kind) in kinds {
            #expect(try failure("# a comment\n" + text) == .unsupportedKey(line: 2, kind: kind))
        }
    }

    @Test func pluginIdentitiesAreIgnoredNextToANativeOne() throws {
        let text = "AGE-PLUGIN-YUBIKEY-1QQQQ\n\(Self.example)\nAGE-PLUGIN-X-1QQ\nAGE-PLUGIN-YUBIKEY-1PPPP"
        let key = try identities(text)
        #expect(key.count == 1)
        #expect(key.ignored == ["plugin identity age-plugin-yubikey", "plugin identity age-plugin-x"])
        #expect(
            try failure("\(Self.example)\n-----BEGIN OPENSSH PRIVATE KEY-----\n")
                == .unsupportedKey(line: 2, kind: "SSH key")
        )
    }

    @Test func sizesAreLimited() throws {
        #expect(try isMalformed("#" + String(repeating: "x", count: KeyLines.lineLimit), "long"))
        let file = [UInt8](repeating: UInt8(ascii: "\n"), count: Age.keyFileLimit + 1)
        #expect(throws: AgeError.malformedKey(line: nil, reason: "the file is too large")) {
            _ = try Identities.parse(file: file.span)
        }
    }

    @Test func generatedIdentitiesAreReadBack() throws {
        let generated = try Identities.generate()
        let text = text(generated.identity)
        #expect(text.count == 74)
        #expect(text.hasPrefix("AGE-SECRET-KEY-1"))
        #expect(try identities(text).recipients == [generated.recipient])
        let another = try Identities.generate()
        #expect(another.recipient != generated.recipient)
    }

    @Test func emptyPassphrasesAreRefused() {
        #expect(throws: AgeError.malformedKey(line: nil, reason: "the passphrase is empty")) { try passphrase("") }
    }
}
