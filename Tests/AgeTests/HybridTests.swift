import Age
import TestSupport
import Testing

@Suite(.enabled(if: Age.hasPostQuantum, "built with PQ=0: post-quantum recipients were not tested"))
struct HybridTests {
    /// The identity of the specification's test vectors.
    private static let example = "AGE-SECRET-KEY-PQ-1HZLGZUPT4ETPKDEV8HSGFDCYZ4E522W0A7PU2LHT8EH9W6YLNC3SW78XKG"

    @Test func generatedIdentitiesAreReadBack() throws {
        let generated = try Identities.generate(isPostQuantum: true)
        let text = text(generated.identity)
        #expect(text.hasPrefix("AGE-SECRET-KEY-PQ-1"))
        #expect(text.count == Self.example.count)
        #expect(try identities(text).recipients == [generated.recipient])
        let recipient = generated.recipient.bech32
        #expect(recipient.hasPrefix("age1pq1"))
        #expect(recipient.count == 1959)
        #expect(try Recipient(bech32: recipient) == generated.recipient)
        #expect(generated.recipient.isPostQuantum)
    }

    @Test func filesOfManySizesPass() throws {
        let keys = try (0..<3).map { _ in try newIdentity(isPostQuantum: true).identities }
        for count in [0, 1, chunkSize, chunkSize + 1] {
            let file = try encrypt(pattern(count), for: keys.flatMap(\.recipients))
            for key in keys { #expect(try decrypt(file, with: .identities(key)) == pattern(count)) }
        }
        let file = try encrypt([1], for: [keys[0].recipients[0]])
        #expect(throws: AgeError.noMatch(stanzaTypes: ["mlkem768x25519"])) {
            try decrypt(file, with: .identities(keys[1]))
        }
        #expect(throws: AgeError.noMatch(stanzaTypes: ["mlkem768x25519"])) {
            try decrypt(file, with: .identities(newIdentity().identities))
        }
    }

    /// One file of identities opens files of both kinds, wherever in it the fitting one is.
    @Test func identityFilesMixBothKinds() throws {
        let keys = try [false, true, false, true].map { try newIdentity(isPostQuantum: $0) }
        let text = keys.map { $0.text + "\n" }.joined()
        for mixed in [try identities(text), try identityList(text.replacing("\n", with: " "))] {
            #expect(mixed.recipients == keys.flatMap(\.identities.recipients))
            for key in keys {
                let file = try encrypt([1, 2], for: key.identities.recipients)
                #expect(try decrypt(file, with: .identities(mixed)) == [1, 2])
            }
        }
    }

    @Test func bothKindsOfRecipientsInOneFileAreRefused() throws {
        let keys = try [false, true].map { try newIdentity(isPostQuantum: $0).identities.recipients[0] }
        for recipients in [keys, keys.reversed()] {
            #expect(
                throws: AgeError.header(
                    reason: "post-quantum recipients (age1pq1…) and classical ones (age1…) in one file"
                )
            ) { try encrypt([1], for: recipients) }
        }
    }

    @Test func damagedKeysAreRefused() throws {
        let recipient = try #require(try identities(Self.example).recipients.first).bech32
        let texts = [
            "age1pq1", "age1pq1qqqqqq", String(recipient.dropLast()), recipient + "q", recipient.uppercased(),
            "age1pq1" + recipient.dropFirst(7).uppercased(), recipient.replacing("age1pq1z", with: "age1pq1q"),
            Bech32Text.encode("age1pq", Bech32Text.groups([UInt8](repeating: 0, count: 1215))),
            Bech32Text.encode("age1pq", Bech32Text.groups([UInt8](repeating: 0, count: 1217))),
            Bech32Text.encode("age1pq", Bech32Text.groups([UInt8](repeating: 0, count: 32))), Self.example,
        ]
        for text in texts where text != recipient {
            let error = try #require(throws: AgeError.self) { try Recipient(bech32: text) }
            guard case .malformedKey = error else {
                Issue.record("\(text.prefix(60)): \(error)")
                continue
            }
        }
        let secrets = [
            "AGE-SECRET-KEY-PQ-1", "AGE-SECRET-KEY-PQ-1QQQQ", Self.example.lowercased(),
            String(Self.example.dropLast()),
            Bech32Text.encode("AGE-SECRET-KEY-PQ-", Bech32Text.groups([UInt8](repeating: 1, count: 31))), recipient,
        ]
        for text in secrets {
            let error = try #require(throws: AgeError.self) { try identities("# a comment\n" + text) }
            guard case .malformedKey(line: 2, _) = error else {
                Issue.record("\(text.prefix(60)): \(error)")
                continue
            }
        }
    }

    /// Invalid ML-KEM keys, and those that end in a point of low order, have a text form, too.
    @Test func invalidRecipientsAreRefused() throws {
        for byte in [0xFF, 0x00] as [UInt8] {
            let text = Bech32Text.encode("age1pq", Bech32Text.groups([UInt8](repeating: byte, count: 1216)))
            let recipient = try Recipient(bech32: text)
            #expect(
                throws: AgeError.malformedKey(line: nil, reason: "a post-quantum recipient is not a valid key")
            ) { try encrypt([1], for: [recipient]) }
        }
    }

    /// As many recipients as fit into a header, and one more.
    @Test func aFileForManyIsWrittenOrRefused() throws {
        let recipient = try newIdentity(isPostQuantum: true).identities.recipients[0]
        _ = try encrypt([1], for: [Recipient](repeating: recipient, count: Age.hybridLimit))
        #expect(throws: AgeError.header(reason: "the header is too long")) {
            try encrypt([1], for: [Recipient](repeating: recipient, count: 1000))
        }
    }

    @Test func stanzasShowWhetherAFileIsPostQuantum() throws {
        for isPostQuantum in [false, true] {
            let recipients = try newIdentity(isPostQuantum: isPostQuantum).identities.recipients
            let grease = Stanza(type: "x-grease", arguments: ["dev", "x"], body: [])
            var source = ChoppedSource(try encrypt([1], for: recipients, extraStanzas: [grease]))
            #expect(try Age.isPostQuantum(UnauthenticatedHeader(of: &source).stanzas) == isPostQuantum)
        }
        // Another stanza next to the post-quantum one opens the file, too.
        for type in ["X25519", "ssh-ed25519", "piv-p256"] {
            let stanzas = [type, "mlkem768x25519"].map { Stanza(type: $0, arguments: [], body: []) }
            #expect(!Age.isPostQuantum(stanzas))
        }
    }
}
