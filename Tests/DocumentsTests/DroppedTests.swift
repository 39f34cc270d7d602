import Documents
import Testing

/// What YAML would silently drop of a value, and what libyaml would silently change in one.
@Suite
struct DroppedTests {
    @Test(arguments: [
        "a: 1\npassword: &p4ss\n", "a: 1\npassword: &p4ss word\n", "a: 1\npassword: &p4ss &word\n", "a: 1\n- &x\n",
        "a: 1\nb: [&x]\n", "a: 1\nb: {c: &x }\n", "a: 1\nb: &x 1\nc: &x 2\nd: *x\n", "a: 1\n&x b: 1\n",
        "a: 1\nb: &x 'y'\n",
    ])
    func anUnusedAnchorIsRefused(file: String) {
        let file = file.contains("\n- ") ? "-\n- &x\n" : file
        #expect(failure(file) == .dropped(line: 2, sign: .anchor))
    }

    @Test(arguments: [
        "a: &x 1\nb: *x\n", "a: &x {b: 1}\n", "a: &x [1]\nb: *x\n", "a: '&p4ss'\n", "a: \"&p4ss\"\n", "a: x&y\n",
        "a: x &y\n",
        "&x a: *x\n", "a: &x !!str\nb: *x\n",
    ])
    func otherAnchorsAreAccepted(file: String) {
        #expect(failure(file) == nil)
    }

    @Test(arguments: [
        "a: 1\npassword: #secret\n", "a: 1\npassword: #secret", "a: 1\npassword:   #secret\nb: 2\n",
        "a: 1\npassword:\t#secret\n", "a: 1\n'password': #secret\n", "a: 1\n\"p\" : #s\n", "? a\n: #secret\n",
        "a: 1\nä: #secret\n", "a: 1\nb: {c: #x\n}\n", "a: 1\np: ##x\n",
    ])
    func aCommentInPlaceOfAValueIsRefused(file: String) {
        #expect(failure(file) == .dropped(line: 2, sign: .comment))
    }

    @Test
    func aCommentBeforeANestedValueOrInAList() {
        #expect(failure("a:\n  - 1\nservices: #all\n  s3: {}\n") == .dropped(line: 3, sign: .comment))
        #expect(failure("- 1\n- #secret\n- 2\n") == .dropped(line: 2, sign: .comment))
    }

    @Test(arguments: [
        "a: # nothing\n", "a: #\n", "a: x #y\n", "a: x # y\n", "a: 'x' #y\n", "#a\nb: 1\n", "a:\n  #b\n  c: 1\n",
        "a: '#s'\n",
        "a:    #aligned\n  b: 1\n", "a: |\n  #x\n", "- # nothing\n- 1\n", "a: x#y\n", "a: http://x/#y\n", "a: #\r\n",
    ])
    func otherCommentsAreAccepted(file: String) {
        #expect(failure(file) == nil)
    }

    @Test
    func aLoneMark() {
        #expect(failure("a: 1\npassword: !\n") == .dropped(line: 2, sign: .tag))
        #expect(failure("a: 1\npassword: '!'\n") == nil)
        #expect(failure("a: 1\npassword: ! x\n") == nil)
    }

    @Test
    func aTabIsNamed() {
        #expect(failure("a:\n\tb: 1\n") == .tab(line: 2))
        #expect(failure("a: 1\n\tb: 1\n") == .tab(line: 2))
    }

    @Test(arguments: ["\u{85}", "\u{2028}", "\u{2029}"])
    func lineBreaksOfYAML11AreOrdinaryCharacters(character: String) throws {
        for written in ["'x\(character)y'", "\"x\(character)y\"", "x\(character)y", "|-\n  x\(character)y"] {
            let root = try parse("a: \(written)\nb: 2\n")
            #expect(text(root["a"]) == "x\(character)y", "\(written.debugDescription)")
            #expect(text(root["b"]) == "2")
        }
        // Next to its possible substitutes, literal and escaped.
        let others = "\u{100}\u{101}\u{E000}\u{E001}"
        #expect(
            text(try parse("a: \"\(others)\(character)\\u0102\\uE002\"\n")["a"])
                == "\(others)\(character)\u{102}\u{E002}"
        )
        #expect(keys(try parse("'k\(character)': 1\n")) == ["k\(character)"])
        #expect(text(try parse("# c\(character)a: 1\nb: 2\n")["a"]) == nil)
    }

    @Test
    func theEscapesOfASurrogatePair() throws {
        #expect(text(try parse(#"{"a": "x\ud83d\ude00y"}"#)["a"]) == "x\u{1F600}y")
        #expect(text(try parse(#"a: "\uD83D\uDE00\ud83d\ude00""#)["a"]) == "\u{1F600}\u{1F600}")
        #expect(text(try parse(#"a: "\uDBFF\uDFFF""#)["a"]) == "\u{10FFFF}")
        // An escaped backslash does not begin an escape.
        #expect(text(try parse(#"a: "\\ud83d\\ude00""#)["a"]) == #"\ud83d\ude00"#)
        #expect(text(try parse(#"a: "\\\ud83d\ude00""#)["a"]) == "\\\u{1F600}")
        // Half a pair is not a character, and is refused as before.
        #expect(failure(#"a: "\ud83d""#) != nil)
        #expect(failure(#"a: "\ude00\ud83d""#) != nil)
    }

    @Test
    func escapesOutsideOfDoubleQuotesAreText() throws {
        let pair = #"\ud83d\ude00"#
        for written in ["'\(pair)'", pair, "|-\n  \(pair)", ">-\n  \(pair)"] {
            let root = try parse("a: \(written)\nb: \"\(pair)\"\nc: '\(pair)'\n# \(pair)\nd: \"\(pair)\"\n")
            #expect(text(root["a"]) == pair, "\(written)")
            #expect(text(root["b"]) == "\u{1F600}")
            #expect(text(root["c"]) == pair)
            #expect(text(root["d"]) == "\u{1F600}")
        }
    }

    @Test
    func mixturesOfThemAreQuick() {
        let line = #"- '\ud83d\ude00'"# + "\n" + #"- "\ud83d\ude00""# + "\n"
        #expect(failure(String(repeating: line, count: 2_000)) == nil)
    }
}
