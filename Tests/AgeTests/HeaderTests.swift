import ByteArrays
import Testing

@testable import Age

struct HeaderTests {
    private static let version = "age-encryption.org/v1\n"
    private static let mac = "--- " + String(repeating: "A", count: 43) + "\n"

    private func key() throws -> DecryptionKey { .identities(try newIdentity().identities) }

    @Test func extraStanzasFollowTheRecipients() throws {
        let key = try newIdentity().identities
        let extra = [
            Stanza(type: "kstack-recipients", arguments: ["dev", "c2hhMjU2"], body: []),
            Stanza(type: "long", arguments: [], body: pattern(48)),
            Stanza(type: "longer", arguments: ["!", "~"], body: pattern(49)),
        ]
        let file = try encrypt([7], for: key.recipients, extraStanzas: extra)
        let read = try stanzas(of: file)
        #expect(read.first?.type == "X25519")
        #expect(Array(read.dropFirst()) == extra)
        #expect(try stanzas(of: Array(armor(file).utf8)) == read)
        #expect(try decrypt(file, with: .identities(key)) == [7])
    }

    @Test(arguments: [
        Stanza(type: "", arguments: [], body: []), Stanza(type: "two words", arguments: [], body: []),
        Stanza(type: "x", arguments: [""], body: []), Stanza(type: "x", arguments: ["a\nb"], body: []),
        Stanza(type: "x", arguments: ["ä"], body: []), Stanza(type: "scrypt", arguments: [], body: []),
        Stanza(type: "x", arguments: [String(repeating: "x", count: Header.sizeLimit)], body: []),
    ])
    func invalidStanzasAreNotWritten(stanza: Stanza) throws {
        let recipients = try newIdentity().identities.recipients
        let error = try #require(throws: AgeError.self) { try encrypt([], for: recipients, extraStanzas: [stanza]) }
        guard case .header = error else { return #expect(error == .header(reason: "")) }
    }

    @Test func noRecipientAndTooManyAreRefused() throws {
        #expect(throws: AgeError.header(reason: "no recipient")) { try encrypt([], for: []) }
        let recipient = try #require(try newIdentity().identities.recipients.first)
        let many = [Recipient](repeating: recipient, count: Age.stanzaLimit + 1)
        #expect(throws: AgeError.header(reason: "too many recipients")) { try encrypt([], for: many) }
    }

    @Test func typesInNoMatchAreUniqueShortAndFew() throws {
        let long = String(repeating: "t", count: 100)
        var text = Self.version + "-> b\n\n-> a\n\n-> b x\n\n-> \(long)\n\n"
        for index in 0..<30 { text += "-> type\(index)\n\n" }
        let file = Array((text + Self.mac).utf8)
        let error = try #require(throws: AgeError.self) { try decrypt(file, with: try key()) }
        let types = ["b", "a", String(long.prefix(64))] + (0..<13).map { "type\($0)" }
        #expect(error == .noMatch(stanzaTypes: types))
    }

    @Test func headersAreLimited() throws {
        let key = try key()
        let stanzas = Self.version + String(repeating: "-> x\n\n", count: Age.stanzaLimit + 1) + Self.mac
        #expect(throws: AgeError.header(reason: "too many stanzas")) { try decrypt(Array(stanzas.utf8), with: key) }
        let longLine = Self.version + "-> " + String(repeating: "x", count: 2 * Header.sizeLimit)
        #expect(throws: AgeError.header(reason: "the header is too long")) {
            try decrypt(Array(longLine.utf8), with: key)
        }
        let line = String(repeating: "A", count: 64) + "\n"
        let longBody = Self.version + "-> x\n" + String(repeating: line, count: 20_000)
        #expect(throws: AgeError.header(reason: "the header is too long")) {
            try decrypt(Array(longBody.utf8), with: key)
        }
    }

    @Test func endlessFilesOfOtherFormatsAreNotReadFar() throws {
        struct Endless: ByteSource {
            var total = 0
            let byte: UInt8
            mutating func read(into buffer: inout MutableSpan<UInt8>) throws(AgeError) -> Int {
                for index in 0..<buffer.count { buffer[index] = byte }
                total += buffer.count
                return buffer.count
            }
        }
        for byte in [UInt8(ascii: "a"), UInt8(ascii: " "), UInt8(ascii: "-"), 0, 255] {
            var source = Endless(byte: byte)
            #expect(throws: AgeError.self) { _ = try UnauthenticatedHeader(of: &source).stanzas }
            #expect(source.total <= 16_384)
        }
    }

    @Test func sourcesThatLieAreRefused() throws {
        struct Liar: ByteSource {
            let answer: Int
            mutating func read(into buffer: inout MutableSpan<UInt8>) throws(AgeError) -> Int { answer }
        }
        let recipients = try newIdentity().identities.recipients
        for answer in [-1, Int.max] {
            var source = Liar(answer: answer)
            #expect(throws: AgeError.source(errno: 5)) { _ = try UnauthenticatedHeader(of: &source).stanzas }
            #expect(throws: AgeError.source(errno: 5)) {
                var sink = DiscardingSink()
                try Age.encrypt(from: &source, to: &sink, for: recipients)
            }
        }
    }

    @Test func failuresOfSourceAndSinkArePassedOn() throws {
        struct Broken: ByteSource, ByteSink {
            mutating func read(into buffer: inout MutableSpan<UInt8>) throws(AgeError) -> Int {
                throw .source(errno: 21)
            }
            mutating func write(_ bytes: Span<UInt8>) throws(AgeError) { throw .sink(errno: 28) }
        }
        let key = try newIdentity().identities
        #expect(throws: AgeError.source(errno: 21)) {
            var source = Broken()
            _ = try UnauthenticatedHeader(of: &source).stanzas
        }
        let file = try encrypt([1], for: key.recipients)
        #expect(throws: AgeError.sink(errno: 28)) {
            var source = ByteArraySource(file)
            var sink = Broken()
            try Age.decrypt(from: &source, to: &sink, with: .identities(key))
        }
    }

    @Test(arguments: ["21", "99", "100", "99999999999999999999999"])
    func hugeWorkFactorsAreRefusedAtOnce(factor: String) throws {
        let salt = String(repeating: "A", count: 22)
        let body = String(repeating: "A", count: 43)
        let file = Self.version + "-> scrypt \(salt) \(factor)\n\(body)\n" + Self.mac
        let key = DecryptionKey.passphrase(try passphrase("p"))
        #expect(throws: AgeError.header(reason: "the scrypt work factor is too large")) {
            try decrypt(Array(file.utf8), with: key)
        }
    }

    @Test func ageFilesAreRecognised() {
        func isAgeFile(_ text: String) -> Bool {
            let bytes = Array(text.utf8)
            return Age.isAgeFile(start: bytes.span)
        }
        #expect(isAgeFile("age-encryption.org/v1\n"))
        #expect(isAgeFile("-----BEGIN AGE ENCRYPTED FILE-----\n"))
        #expect(isAgeFile(" \r\n-----BEGIN AGE ENCRYPTED FILE-----\n"))
        #expect(!isAgeFile(""))
        #expect(!isAgeFile("age"))
        #expect(!isAgeFile("# a comment"))
        #expect(!isAgeFile("AGE-SECRET-KEY-1"))
        #expect(!isAgeFile("-----BEGIN OPENSSH PRIVATE KEY-----\n"))
    }
}
