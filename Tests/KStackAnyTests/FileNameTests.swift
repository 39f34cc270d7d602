import KStackAny
import Testing

/// Which file names in a vault are valid.
@Suite
struct FileNameTests {
    @Test(arguments: [
        "a", "cloud-credentials.yaml", "a.b.c", "a b", "UPPER_case", "é", "e\u{301}", "日本.txt", "~", "-rf", "a.",
        String(repeating: "x", count: 200), String(repeating: "é", count: 100),
    ])
    func takesNames(text: String) throws {
        #expect(FileName.isValid(text))
        #expect(Array(try FileName(text).text.utf8) == Array(text.utf8))
    }

    @Test(arguments: [
        "", ".", "..", ".hidden", "a..b", "a..", "a/b", "/", "/etc/passwd", "../a", "a\\b", "...",
        String(repeating: "x", count: 201), String(repeating: "é", count: 101), "/\u{301}", "a/\u{301}b", ".\u{301}a",
        "a.\u{301}.b/",
    ])
    func refusesInvalidNames(text: String) {
        #expect(!FileName.isValid(text))
        let error = failure { _ = try FileName(text) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("invalid file name") == true)
    }

    @Test
    func refusesControlCharacters() {
        for number in Array(UInt8.min...0x1F) + Array(0x7F...0x9F) {
            let character = Unicode.Scalar(number)
            #expect(!FileName.isValid("a\(character)b"), "\(number)")
            #expect(!FileName.isValid("a\(character)"), "\(number)")
        }
    }

    @Test
    func separatorsAndDotsAreFoundNextToCombiningMarks() {
        // An accent makes one character with what is before it.
        for piece in ["/", "\\"] {
            for mark in ["\u{301}", "\u{FE0F}", "\u{200D}", "\u{20DD}"] {
                #expect(!FileName.isValid("a\(piece)\(mark)b"))
                #expect(!FileName.isValid("a\(mark)\(piece)b"))
                #expect(!FileName.isValid("a..\(mark)b"))
            }
        }
    }

    @Test
    func lookAlikesOfSeparatorsAreJustLetters() {
        // Neither the file system nor this library takes them for separators.
        for text in ["a\u{2215}b", "a\u{2044}b", "a\u{FF0F}b", "a\u{2024}\u{2024}b"] { #expect(FileName.isValid(text)) }
    }
}
