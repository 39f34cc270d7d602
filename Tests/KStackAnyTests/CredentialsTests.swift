import Documents
import KStackAny
import Sodium
import Testing

/// Credentials from a document.
@Suite
struct CredentialsTests {
    @Test
    func keepTheOrderOfTheFile() throws {
        let found = try credentials("z: 1\na: 2\nm: 3\n'': 4\n")
        #expect(found.pairs == ["z=1", "a=2", "m=3", "=4"])
        #expect(found.count == 4)
        #expect(found.text(found.json) == #"{"z":"1","a":"2","m":"3","":"4"}"#)
        #expect(found.text(found.source) == "/vault/file.yaml")
    }

    @Test
    func scalarsAreStringsAsWritten() throws {
        let scalars = [
            "0123", "1e5", "yes", "no", "+1", "0x1F", "1_000", "true", "False", "3.10", ".5", "2024-01-01", "-0", "1.0",
            "NaN", "0o17", "12:30:45",
        ]
        let yaml = scalars.enumerated().map { "k\($0.offset): \($0.element)\n" }.joined()
        let found = try credentials(yaml)
        #expect((0..<scalars.count).map { found["k\($0)"] ?? "none" } == scalars)
    }

    @Test
    func quotesAndBlocksAreReadAsYAML() throws {
        let found = try credentials("a: 'it''s'\nb: \"x\\ty\"\nc: |\n  one\n  two\nd: >-\n  one\n  two\ne: \"a\\0b\"\n")
        #expect(found["a"] == "it's")
        #expect(found["b"] == "x\ty")
        #expect(found["c"] == "one\ntwo\n")
        #expect(found["d"] == "one two")
        #expect(found["e"] == "a\u{0}b")
    }

    @Test
    func nullIsTheEmptyString() throws {
        let found = try credentials("a:\nb: null\nc: ~\nd: NULL\ne: 'null'\nf: ''\n")
        #expect(found.pairs == ["a=", "b=", "c=", "d=", "e=null", "f="])
    }

    @Test
    func aNestedValueIsItsJSON() throws {
        let found = try credentials("a:\n  c: 1\n  b: [x, null, {y: 'z\"'}]\nd: []\ne: {}\n")
        #expect(found["a"] == #"{"c":"1","b":["x","",{"y":"z\""}]}"#)
        #expect(found["d"] == "[]")
        #expect(found["e"] == "{}")
    }

    @Test
    func everyStringIsNULTerminated() throws {
        let found = try credentials("a: 1\nb: [2]\nc:\n")
        var places = [found.json, found.source]
        for index in 0..<found.count { places += [found.name(at: index), found.value(at: index)] }
        for place in places { #expect(found.end(of: place) == 0) }
    }

    @Test
    func areLookedUpByTheirBytes() throws {
        let found = try credentials("caf\u{E9}: 1\ncafe\u{301}: 2\na: 3\nab: 4\n")
        #expect(found["caf\u{E9}"] == "1")
        #expect(found["cafe\u{301}"] == "2")
        #expect(found["a"] == "3")
        #expect(found["ab"] == "4")
        for name in ["", "b", "A", "abc", "a\u{0}"] { #expect(found[name] == nil) }
    }

    @Test
    func thereIsNothingPastTheEnd() throws {
        let found = try credentials("a: 1\n")
        for index in [-1, 1, 2, Int.max, Int.min] {
            #expect(found.name(at: index) == nil)
            #expect(found.value(at: index) == nil)
        }
    }

    @Test
    func manyAndLargeValuesAreKept() throws {
        let large = String(repeating: "v", count: 300_000)
        let yaml = (0..<2000).map { "k\($0): v\($0)\n" }.joined() + "large: \(large)\n"
        let found = try credentials(yaml)
        #expect(found.count == 2001)
        #expect(found["k0"] == "v0")
        #expect(found["k1999"] == "v1999")
        #expect(found["large"] == large)
    }

    @Test
    func outliveTheirDocument() throws {
        func make() throws -> Credentials {
            try Credentials(mapping: Document.parse(yaml: Array("a: 1".utf8).span).root, source: "s")
        }
        #expect(try make()["a"] == "1")
    }
}
