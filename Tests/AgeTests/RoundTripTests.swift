import Age
import ByteArrays
import Sodium
import Testing

struct RoundTripTests {
    static let sizes = [0, 1, chunkSize - 1, chunkSize, chunkSize + 1, 2 * chunkSize, 200_000]

    @Test(arguments: sizes, [1, 20])
    func recipients(size: Int, count: Int) throws {
        let all = try (0..<count).map { _ in try newIdentity() }
        let plaintext = pattern(size)
        let file = try encrypt(plaintext, for: all.flatMap(\.identities.recipients))
        for identity in [all[0], all[count - 1]] {
            #expect(try decrypt(file, with: .identities(identity.identities)) == plaintext)
            #expect(try decrypt(file, with: .identities(identity.identities), piece: 977) == plaintext)
        }
        let stranger = try newIdentity()
        #expect(throws: AgeError.noMatch(stanzaTypes: ["X25519"])) {
            try decrypt(file, with: .identities(stranger.identities))
        }
    }

    /// The first chunk is opened alone, those after it many at once.
    @Test(arguments: [17, 33], [-chunkSize - 1, -1, 0, 1, chunkSize])
    func filesOfManyChunks(count: Int, difference: Int) throws {
        let key = try newIdentity().identities
        let plaintext = pattern(count * chunkSize + difference)
        let file = try encrypt(plaintext, for: key.recipients)
        #expect(try decrypt(file, with: .identities(key)) == plaintext)
        #expect(try decrypt(file, with: .identities(key), piece: 65_551) == plaintext)
    }

    /// With headers that end before, at and after the end of the first read, 4096 bytes.
    @Test(arguments: [1, 20, 38, 39, 40, 41, 42, 43, 300], [0, 1, 70_000])
    func aFileIsDecryptedAgain(recipients count: Int, size: Int) throws {
        let all = try (0..<count).map { _ in try newIdentity() }
        let plaintext = pattern(size)
        let file = try encrypt(plaintext, for: all.flatMap(\.identities.recipients))
        for bytes in [file, Array(armor(file).utf8)] {
            var source = ChoppedSource(bytes)
            var sink = RecordingSink()
            let key = try Age.decrypt(from: &source, to: &sink, with: .identities(all[count - 1].identities))
            #expect(try again(bytes, key) == plaintext)
            var changed = file
            changed[file.count - 1] ^= 1
            #expect(throws: AgeError.self) { try again(changed, key) }
            #expect(throws: AgeError.self) { try again(Array(file.prefix(30)), key) }
        }
        let other = try encrypt(plaintext, for: all.flatMap(\.identities.recipients))
        var source = ChoppedSource(other)
        var sink = RecordingSink()
        let key = try Age.decrypt(from: &source, to: &sink, with: .identities(all[0].identities))
        #expect(throws: AgeError.payload(reason: "a chunk is damaged, forged, or the last one is missing")) {
            try again(file, key)
        }
    }

    private func again(_ file: [UInt8], _ key: PayloadKey) throws(AgeError) -> [UInt8] {
        var source = ChoppedSource(file)
        var sink = RecordingSink()
        try Age.decrypt(from: &source, to: &sink, again: key)
        return sink.bytes
    }

    @Test func anyOfManyIdentitiesFits() throws {
        let all = try (0..<5).map { _ in try newIdentity() }
        let keys = try identities(all.map(\.text).joined(separator: "\n"))
        #expect(keys.count == 5)
        for identity in all {
            let file = try encrypt([1, 2, 3], for: identity.identities.recipients)
            #expect(try decrypt(file, with: .identities(keys)) == [1, 2, 3])
        }
    }

    @Test(arguments: sizes)
    func armored(size: Int) throws {
        let key = try newIdentity().identities
        let plaintext = pattern(size)
        let file = try encrypt(plaintext, for: key.recipients)
        for text in [
            armor(file), armor(file, lineEnd: "\r\n"), " \n" + armor(file) + "\t\n", String(armor(file).dropLast()),
        ] {
            #expect(try decrypt(Array(text.utf8), with: .identities(key)) == plaintext)
            #expect(try decrypt(Array(text.utf8), with: .identities(key), piece: 13) == plaintext)
        }
    }

    @Test(arguments: [0, 1, chunkSize + 1])
    func passphrases(size: Int) throws {
        let plaintext = pattern(size)
        var source = ChoppedSource(plaintext)
        var sink = RecordingSink()
        try Age.encrypt(from: &source, to: &sink, passphrase: try passphrase("correct horse"), logN: 4)
        #expect(try stanzas(of: sink.bytes).first?.arguments.last == "4")
        #expect(try decrypt(sink.bytes, with: .passphrase(try passphrase("correct horse"))) == plaintext)
        let wrong = DecryptionKey.passphrase(try passphrase("wrong horse"))
        #expect(throws: AgeError.noMatch(stanzaTypes: ["scrypt"])) { try decrypt(sink.bytes, with: wrong) }
        let identity = DecryptionKey.identities(try newIdentity().identities)
        #expect(throws: AgeError.noMatch(stanzaTypes: ["scrypt"])) { try decrypt(sink.bytes, with: identity) }
    }

    @Test func theDefaultWorkFactorIs18() throws {
        var source = ChoppedSource([1])
        var sink = RecordingSink()
        try Age.encrypt(from: &source, to: &sink, passphrase: try passphrase("p"))
        #expect(try stanzas(of: sink.bytes).first?.arguments.last == "18")
        #expect(try decrypt(sink.bytes, with: .passphrase(try passphrase("p"))) == [1])
    }

    @Test(arguments: [-1, 0, 19, 64])
    func workFactorsOutOfRangeAreNotWritten(logN: Int) throws {
        let key = try passphrase("p")
        #expect(throws: AgeError.header(reason: "the scrypt work factor is out of range")) {
            var source = ChoppedSource([])
            var sink = RecordingSink()
            try Age.encrypt(from: &source, to: &sink, passphrase: key, logN: logN)
        }
    }

    @Test func secretMemoryIsSourceAndSink() throws {
        let key = try newIdentity().identities
        let plaintext = pattern(100_000)
        var source = try SecretSource(copying: plaintext.span)
        var file = ByteArraySink()
        try Age.encrypt(from: &source, to: &file, for: key.recipients)
        var input = ByteArraySource(file.bytes)
        var sink = try SecretSink(limit: 100_000)
        try Age.decrypt(from: &input, to: &sink, with: .identities(key))
        let result = sink.finish()
        #expect(result.withUnsafeBytes { Array($0) } == plaintext)

        var again = ByteArraySource(file.bytes)
        var discarding = DiscardingSink()
        try Age.decrypt(from: &again, to: &discarding, with: .identities(key))
        #expect(discarding.count == 100_000)

        #expect(throws: AgeError.tooLarge(limit: 99_999)) {
            var input = ByteArraySource(file.bytes)
            var small = try SecretSink(limit: 99_999)
            try Age.decrypt(from: &input, to: &small, with: .identities(key))
        }
    }

    @Test func everyFileIsNew() throws {
        let key = try newIdentity().identities
        #expect(try encrypt([1], for: key.recipients) != encrypt([1], for: key.recipients))
    }
}
