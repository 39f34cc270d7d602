import Age
import Foundation
import Testing

/// The programs of the reference implementation.
enum AgePrograms {
    static let areInstalled = (try? run("age", ["--version"])) != nil
}

/// Files and keys exchanged with the `age` and `age-keygen` programs.
@Suite(.enabled(if: AgePrograms.areInstalled, "age and age-keygen are not installed: they were not tried"))
struct InteroperationTests {
    static let sizes = [0, 1, chunkSize - 1, chunkSize, chunkSize + 1]

    @Test(arguments: sizes, [1, 20])
    func ageReadsWhatIsWritten(size: Int, count: Int) throws {
        let scratch = try ScratchFolder()
        let all = try (0..<count).map { _ in try newIdentity() }
        let plaintext = pattern(size)
        let hint = Stanza(type: "hint", arguments: ["dev"], body: [])
        let file = try scratch.write(
            "file",
            try encrypt(plaintext, for: all.flatMap(\.identities.recipients), extraStanzas: [hint])
        )
        let key = try scratch.write("key", Array((all[count - 1].text + "\n").utf8))
        #expect(try run("age", ["--decrypt", "--identity", key, file]) == plaintext)
    }

    @Test(arguments: sizes, [1, 20])
    func whatAgeWritesIsRead(size: Int, count: Int) throws {
        let scratch = try ScratchFolder()
        let all = try (0..<count).map { _ in try newIdentity() }
        let plaintext = pattern(size)
        let lines = all.flatMap(\.identities.recipients).map { $0.bech32 + "\n" }.joined()
        let list = try scratch.write("recipients", Array(lines.utf8))
        let key = DecryptionKey.identities(all[count - 1].identities)
        let binary = try run("age", ["--encrypt", "-R", list], input: plaintext)
        #expect(try decrypt(binary, with: key) == plaintext)
        let armored = try run("age", ["--encrypt", "--armor", "-R", list], input: plaintext)
        #expect(armored.starts(with: "-----BEGIN".utf8))
        #expect(try decrypt(armored, with: key) == plaintext)
    }

    @Test func keysOfAgeKeygenAreRead() throws {
        let scratch = try ScratchFolder()
        let file = try run("age-keygen", [])
        let key = try Identities.parse(file: file.span)
        let path = try scratch.write("key", file)
        let recipient = String(decoding: try run("age-keygen", ["-y", path]), as: UTF8.self)
        #expect(key.recipients.map { $0.bech32 + "\n" } == [recipient])
    }

    @Test func ageKeygenReadsGeneratedKeys() throws {
        let scratch = try ScratchFolder()
        let key = try newIdentity()
        let path = try scratch.write("key", Array(key.text.utf8))
        let recipient = String(decoding: try run("age-keygen", ["-y", path]), as: UTF8.self)
        #expect(key.identities.recipients.map { $0.bech32 + "\n" } == [recipient])
    }
}
