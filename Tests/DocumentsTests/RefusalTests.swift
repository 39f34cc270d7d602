import Documents
import Testing

/// Well-formed YAML that is refused, and what is not YAML.
@Suite
struct RefusalTests {
    @Test(arguments: [
        ("a: 1\nb: 2\na: 3\n", 3), ("a: 1\n\"a\": 2\n", 2), ("x: {k: 1, k: 2}\n", 1), ("null: 1\nnull: 2\n", 2),
        ("k: &n a\na: 1\n*n : 2\n", 1),
        ((0..<20).map { "k\($0): v\n" }.joined() + "k7: again\n", 21),
    ])
    func duplicateKeys(file: String, line: Int) {
        #expect(failure(file) == .duplicateKey(line: line))
    }

    @Test(arguments: ["a: 1\n<<: {b: 2}\n", "a: &x <<\nb: {*x : 1}\n", "a: 1\n? <<\n: b\n"])
    func theMergeKey(file: String) {
        #expect(failure(file) == .mergeKey(line: 2))
    }

    @Test
    func aQuotedMergeKeyIsAKey() throws {
        #expect(keys(try parse("'<<': 1\n")) == ["<<"])
        #expect(keys(try parse("!!str <<: 1\n")) == ["<<"])
        #expect(text(try parse("a: <<\n")["a"]) == "<<")
    }

    @Test(arguments: [
        "\na: !!int 1\n", "\na: !!null ''\n", "\na: !custom x\n", "\na: !!binary aGk=\n", "\n!!set {a}\n",
        "\na: !!str [b]\n",
        "\na: !!map [b]\n", "\na: !!seq {b: c}\n", "\na: !!map b\n", "\na: !<tag:example.com,2000:x> b\n",
        "\n!!int 1: b\n",
    ])
    func anotherTag(file: String) {
        #expect(failure(file) == .tag(line: 2))
    }

    @Test
    func keysThatAreNotScalars() {
        #expect(failure("a: 1\n[b]: 2\n") == .keyNotScalar(line: 2))
        #expect(failure("a: 1\n{b: c}: 2\n") == .keyNotScalar(line: 2))
        #expect(failure("a: &x [1]\n*x : 2\n") == .keyNotScalar(line: 2))
        #expect(failure("? - a\n: b\n") == .keyNotScalar(line: 1))
    }

    @Test
    func keysWithANUL() {
        #expect(failure("a: 1\n\"b\\0c\": 2\n") == .keyHoldsNUL(line: 2))
        #expect(failure("a: &x \"b\\0c\"\n*x : 2\n") == .keyHoldsNUL(line: 2))
    }

    @Test
    func severalDocuments() {
        #expect(failure("a: 1\n---\nb: 2\n") == .severalDocuments(line: 2))
        #expect(failure("a: 1\n...\n---\n") == .severalDocuments(line: 3))
        #expect(failure("---\n---\n") == .severalDocuments(line: 2))
        #expect(failure("---\na: 1\n...\n# end\n") == nil)
    }

    @Test
    func aliasesWithoutTarget() {
        #expect(failure("a: 1\nb: *x\n") == .unknownAlias(line: 2))
        #expect(failure("a: *x\nb: &x 1\n") == .unknownAlias(line: 1))
        #expect(failure("*x : 1\n") == .unknownAlias(line: 1))
    }

    @Test
    func aliasesWithinTheirTarget() throws {
        #expect(failure("a: &x\n  b: *x\n") == .recursiveAlias(line: 2))
        #expect(failure("&x [1, [*x]]\n") == .recursiveAlias(line: 1))
        #expect(failure("&x {*x : 1}\n") == .recursiveAlias(line: 1))
        // The name has gone to the inner value before the alias.
        #expect(try json(parse("&x [&x 1, *x]\n")) == #"["1","1"]"#)
        #expect(try json(parse("a: &x [&x 1]\nb: *x\n")) == #"{"a":["1"],"b":"1"}"#)
    }

    @Test
    func bytesThatAreNotUTF8() {
        let key = Array("a: ".utf8)
        let wrong: [[UInt8]] = [
            [0xFF], [0x80], [0xC3], [0xC3, 0x28], [0xE2, 0x82], [0xF0, 0x9F, 0x98], [0xC0, 0xAF], [0xED, 0xA0, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80],
        ]
        for bytes in wrong {
            #expect(failure(key + bytes) == .notUTF8)
            #expect(failure(bytes) == .notUTF8)
        }
        // Without the forced encoding libyaml would accept these.
        #expect(failure([0xFF, 0xFE] + "a: 1".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }) == .notUTF8)
        #expect(failure([0xFE, 0xFF] + "a: 1".utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }) == .notUTF8)
        #expect(failure("a: 1".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }) != nil)
        #expect(failure([0xEF, 0xBB]) == .notUTF8)
    }

    @Test
    func aByteOrderMarkIsAllowedAtTheBeginning() throws {
        #expect(text(try parse("\u{FEFF}a: 1\n")["a"]) == "1")
        // libyaml itself would count the mark as a column, and fail for both of these.
        #expect(keys(try parse("\u{FEFF}a: 1\nb: 2\n")) == ["a", "b"])
        #expect(keys(try parse("\u{FEFF}---\na: 1\n")) == ["a"])
    }

    @Test
    func whatIsNotYAML() {
        #expect(failure("a: 1\nb: [1, 2\n") == .syntax(line: 3, column: 1, problem: "did not find expected ',' or ']'"))
        #expect(
            failure("ok: 1\nb\u{E9}\u{1}: 2")
                == .syntax(line: 2, column: 3, problem: "control characters are not allowed")
        )
        let files = [
            "a: b: c", "\"open", "%FOO\n", "%YAML 9.9\n---\na", "a: 'x", "}", "]", "a: \"\\q\"",
            "a: \"\\uD800\"",
            "a: \"\\U00110000\"", "- a\nb: c", "a: |9x\n", "!e!x a", "@a", "`a", "a: \0", "&", "*", "? a\n- b",
            "a: [b: c: d]",
        ]
        for file in files {
            guard case .syntax(let line, let column, let problem) = failure(file) else {
                Issue.record("no syntax error: \(file)")
                continue
            }
            #expect(line >= 1 && column >= 1 && !problem.isEmpty)
        }
    }

    @Test
    func noErrorHoldsInput() {
        let canary = "c4naryV4lue"
        let files = [
            "\(canary): [1, 2", "a: '\(canary)", "%\(canary)\n", "%TAG \(canary)\n---\na", "a: *\(canary)",
            "a: !\(canary) b",
            "a: !\(canary)!x b", "a: !<\(canary)> b", "\(canary): 1\n\(canary): 2", "a: \(canary): b",
            "&\(canary) [*\(canary)]",
            "a: \"\\\(canary)\"", "a: \(canary)\u{1}", "[\(canary)]: 1", "\"\(canary)\\0\": 1", "a: 1\n---\n\(canary)",
            "@\(canary)",
            "a: |\(canary)\n", "a: \"\\xZ\(canary)\"", "%YAML \(canary)\n", "- \(canary)\nb: c", "a: &\(canary)! b",
            "a: *\(canary)! b",
        ]
        for file in files {
            guard let error = failure(file) else {
                Issue.record("no error: \(file)")
                continue
            }
            #expect(!"\(error)".contains("c4nary") && !String(reflecting: error).contains("c4nary"))
        }
        #expect(failure(Array("a: \(canary)".utf8) + [0xFF]).map { "\($0)".contains("c4nary") } == false)
    }

    @Test
    func everyErrorSaysWhatToDo() {
        let errors: [DocumentError] = [
            .syntax(line: 3, column: 4, problem: "p"), .notUTF8, .tooDeep, .tooManyNodes, .tooLarge,
            .duplicateKey(line: 3),
            .mergeKey(line: 3), .tag(line: 3), .keyNotScalar(line: 3), .keyHoldsNUL(line: 3),
            .severalDocuments(line: 3),
            .unknownAlias(line: 3), .recursiveAlias(line: 3), .memory(.outOfMemory), .memory(.unavailable),
            .tab(line: 3), .dropped(line: 3, sign: .anchor), .dropped(line: 3, sign: .comment),
            .dropped(line: 3, sign: .tag),
        ]
        #expect(Set(errors.map(\.description)).count == errors.count)
        for error in errors {
            #expect(error.description.contains(":") && !error.description.contains("\n"))
        }
        #expect(DocumentError.mergeKey(line: 3).description.contains("<<"))
        #expect(DocumentError.tag(line: 3).description.contains("tag"))
    }
}
