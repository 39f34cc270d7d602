import KStackAny
import Testing

/// Which names are valid.
@Suite
struct NameTests {
    private static let longest = String(repeating: "a", count: 63)

    @Test(arguments: ["a", "0", "dev", "data-collection", "a-b-c", "a--b", "1-2", longest])
    func takesNames(text: String) throws {
        #expect(Name.isValid(text))
        #expect(try Name(text, kind: "a service").text == text)
    }

    @Test(arguments: [
        "", longest + "a", "-", "-a", "a-", "A", "Dev", "a_b", "a.b", "a/b", "..", "a b", " a", "a:b", "a%2f", "a\\b",
        "дev", "dеv", "dev\u{301}", "ｄev", "dev\u{200B}", "é", "ſ", "١", "a‐b", "a−b", "\u{212A}",
    ])
    func refusesInvalidNames(text: String) {
        #expect(!Name.isValid(text))
        let error = failure { _ = try Name(text, kind: "an environment") }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("invalid environment name") == true)
    }

    @Test
    func refusesControlCharacters() {
        for number in (0...0x1F).map(UInt8.init) + [0x7F] {
            let character = String(Unicode.Scalar(number))
            for text in [character, "a\(character)", "\(character)a", "a\(character)b"] { #expect(!Name.isValid(text)) }
        }
    }

    @Test
    func everyOtherASCIICharacterIsRefused() {
        let allowed = Set("abcdefghijklmnopqrstuvwxyz0123456789-".unicodeScalars)
        for number in UInt8.min...0x7F {
            let scalar = Unicode.Scalar(number)
            #expect(Name.isValid("a\(scalar)a") == allowed.contains(scalar))
        }
    }

    @Test
    func theLimitIsInBytes() {
        #expect(Name.isValid(String(repeating: "a", count: 63)))
        #expect(!Name.isValid(String(repeating: "a", count: 64)))
        #expect(!Name.isValid(String(repeating: "a", count: 1_000_000)))
    }

    @Test
    func aLongNameIsTruncatedInTheMessage() {
        let error = failure { _ = try Name(String(repeating: "a", count: 100_000), kind: "a service") }
        #expect((error?.message.count ?? 0) < 300)
    }
}
