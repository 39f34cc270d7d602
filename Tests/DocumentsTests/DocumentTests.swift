import Documents
import Testing

@Suite
struct DocumentTests {
    @Test
    func keepsTheOrderOfTheFile() throws {
        let root = try parse("zebra: 1\napple: 2\nmango:\n  y: a\n  x: b\nlist: [c, b, a]\n")
        #expect(root.kind == .mapping)
        #expect(keys(root) == ["zebra", "apple", "mango", "list"])
        let inner = try #require(root["mango"])
        #expect(keys(inner) == ["y", "x"])
        #expect(inner.line == 4)
        let list = try #require(root["list"])
        #expect((0..<list.count).map { text(list.element(at: $0)) } == ["c", "b", "a"])
    }

    @Test(arguments: [
        "0123", "1e5", "yes", "+1", "0x1F", "1_000", "2024-01-31", "12:30:45", "true", "off", "-.inf", ".nan", "1.0",
        "a b  c", "http://x:80/y#z", "nUll", "nulls", "a=b", "=", "x<<", "<<<", "~a", "\u{E9}\u{1F600}",
    ])
    func scalarsStayAsWritten(scalar: String) throws {
        let root = try parse("key: \(scalar)\n")
        #expect(root["key"]?.kind == .scalar)
        #expect(text(root["key"]) == scalar)
        #expect(root["key"]?.string == scalar)
        let key = try parse("\(scalar): value\n")
        #expect(keys(key) == [scalar])
        #expect(text(key[scalar]) == "value")
    }

    @Test(arguments: [
        ("'it''s'", "it's"), ("\"a\\tb\\n\\u00e9\\x41\\\\\\\"\"", "a\tb\n\u{E9}A\\\""), ("''", ""), ("\"\"", ""),
        ("'null'", "null"), ("\"~\"", "~"), ("'<<'", "<<"), ("!!str null", "null"), ("!!str", ""),
        ("|\n  one\n  two\n", "one\ntwo\n"), ("|-\n  one\n  two\n", "one\ntwo"), ("|+\n  one\n", "one\n\n"),
        (">\n  one\n  two\n", "one two\n"), ("|2\n    one\n", "  one\n"), ("\"a\\0b\"", "a\0b"),
        ("one\n  two", "one two"), ("\"\\U0001F600\"", "\u{1F600}"),
        ("\"\\L\\P\\N\\_\"", "\u{2028}\u{2029}\u{85}\u{A0}"),
    ])
    func quotesBlocksAndEscapesAreResolved(written: String, expected: String) throws {
        let root = try parse("key: \(written)\nnext: x\n")
        #expect(root["key"]?.kind == .scalar)
        #expect(text(root["key"]) == expected)
        #expect(text(root["next"]) == "x")
    }

    @Test(arguments: ["null", "Null", "NULL", "~", ""])
    func nullIsItsOwnKindWithoutAString(written: String) throws {
        let root = try parse("key: \(written)\nlist:\n- \(written)\n")
        let value = try #require(root["key"])
        #expect(value.kind == .null)
        #expect(text(value) == "")
        #expect(value.string == nil)
        #expect(value.count == 0)
        #expect(root["list"]?.element(at: 0)?.kind == .null)
    }

    @Test
    func aKeyIsAStringEvenIfItIsNull() throws {
        let root = try parse("null: 1\n~: 2\n? \n: 3\nother: &n null\nlist: [*n]\n")
        #expect(keys(root) == ["null", "~", "", "other", "list"])
        #expect(root.entry(at: 0)?.key.kind == .scalar)
        #expect(text(root[""]) == "3")
        #expect(root["list"]?.element(at: 0)?.kind == .null)
    }

    @Test(arguments: ["", "\n\n", "# nothing\n", "\u{FEFF}", "\u{FEFF}# nothing", "---\n", "---\n...\n", "~", "null\n"])
    func anEmptyFileIsNull(file: String) throws {
        let root = try parse(file)
        #expect(root.kind == .null)
        #expect(root.count == 0)
        #expect(root["key"] == nil)
        #expect(root.line >= 1)
    }

    @Test
    func accessBeyondTheBoundsIsNil() throws {
        let root = try parse("map: {a: 1}\nlist: [x]\nscalar: s\n")
        let map = try #require(root["map"])
        let list = try #require(root["list"])
        let scalar = try #require(root["scalar"])
        for position in [-1, 1, 2, Int.min, Int.max, Int.max / 2 + 1] {
            #expect(map.entry(at: position) == nil)
            #expect(list.element(at: position) == nil)
        }
        #expect(map.element(at: 0) == nil)
        #expect(list.entry(at: 0) == nil)
        #expect(list["x"] == nil)
        #expect(scalar["s"] == nil)
        #expect(scalar.element(at: 0) == nil)
        #expect(map["b"] == nil)
        #expect(map["a\0"] == nil)
        #expect(map.string == nil)
        #expect(text(map) == "")
    }

    @Test
    func everyStringIsNULTerminated() throws {
        let root = try parse("first: one\nsecond: \"\"\nthird: ~\nfourth: \"a\\0b\"\n")
        for position in 0..<root.count {
            let entry = try #require(root.entry(at: position))
            for node in [entry.key, entry.value] {
                let after = node.withUnsafeText { bytes in bytes.baseAddress.map { $0[bytes.count] } }
                #expect(after == 0)
            }
        }
    }

    @Test
    func aNodeKeepsItsDocument() throws {
        var nodes: [DocumentNode] = []
        for number in 0..<50 {
            let root = try parse("key: value\(number)\n")
            nodes.append(try #require(root["key"]))
        }
        #expect(nodes.map(\.string) == (0..<50).map { "value\($0)" })
        #expect(nodes.allSatisfy { $0.isUTF8 })
    }

    @Test
    func linesAreCountedFromOne() throws {
        let root = try parse("# comment\na: 1\n\nb:\n  - x\n  - y\n")
        #expect(root.line == 2)
        #expect(root.entry(at: 1)?.key.line == 4)
        #expect(root["b"]?.element(at: 1)?.line == 6)
    }

    @Test
    func knownTagsAreAllowedWhereTheyBelong() throws {
        let root = try parse("a: !!map {x: !!str 1}\nb: !!seq [1]\nc: ! d\ne: ! [f]\n")
        #expect(try json(root) == #"{"a":{"x":"1"},"b":["1"],"c":"d","e":["f"]}"#)
    }

    @Test
    func aliasesStandForTheirTarget() throws {
        let root = try parse("base: &b {x: 1, y: [2]}\nuse: *b\nname: &n key\n*n : value\nagain: &n other\nlast: *n\n")
        #expect(text(root["use"]?["x"]) == "1")
        #expect(text(root["use"]?["y"]?.element(at: 0)) == "2")
        #expect(text(root["key"]) == "value")
        #expect(text(root["last"]) == "other")
        #expect(root["use"]?.line == 1)
    }

    @Test
    func manyThreadsReadOneDocument() async throws {
        let root = try parse("a: {b: [one, two]}\n")
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    (0..<500).allSatisfy { _ in text(root["a"]?["b"]?.element(at: 1)) == "two" }
                }
            }
            for await isRight in group { #expect(isRight) }
        }
    }
}
