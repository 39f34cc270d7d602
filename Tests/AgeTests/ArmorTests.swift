import Testing

@testable import Age

struct ArmorTests {
    private let key: Identities
    private let text: String

    init() throws {
        key = try newIdentity().identities
        text = armor(try encrypt(pattern(300), for: key.recipients))
    }

    private func isArmorFailure(_ text: String) throws -> Bool {
        let error = try #require(throws: AgeError.self) { try decrypt(Array(text.utf8), with: .identities(key)) }
        if case .armor = error { return true }
        return false
    }

    @Test func whiteSpaceAroundIsLimited() throws {
        let limit = String(repeating: "\n", count: ArmorDecoder.whiteSpaceLimit)
        #expect(try decrypt(Array((limit + text + limit).utf8), with: .identities(key)).count == 300)
        #expect(try isArmorFailure(limit + "\n" + text))
        #expect(try isArmorFailure(text + limit + "\n"))
    }

    @Test func everythingElseIsRefused() throws {
        let lines = text.split(separator: "\n").map(String.init)
        let long = lines[0] + "\n" + lines[1] + lines[2] + "\n" + lines[3...].joined(separator: "\n")
        let broken = [
            " " + text, "x\n" + text, text + "x", text + text, text.replacing("END AGE", with: "END  AGE"),
            lines.dropLast().joined(separator: "\n"), text.replacing("\n", with: "\n\n"),
            text.replacing("\n", with: "\r"), text.replacing("\n", with: " \n"), long,
            lines[0] + "\n" + String(lines[1].dropLast(4)) + "\n" + lines[2...].joined(separator: "\n"),
            lines[0], lines[0] + "\n====\n" + lines[1...].joined(separator: "\n"),
        ]
        for text in broken { #expect(try isArmorFailure(text), "\(text.prefix(120))") }
    }

    @Test func trailingDataIsFoundBeforeTheLastChunkIsReleased() throws {
        var source = ChoppedSource(Array((text + "x").utf8))
        var sink = RecordingSink()
        #expect(throws: AgeError.armor(reason: "something follows the armor")) {
            try Age.decrypt(from: &source, to: &sink, with: .identities(key))
        }
        #expect(sink.bytes.isEmpty)
    }
}
