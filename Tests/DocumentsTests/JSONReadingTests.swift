import Documents
import Sodium
import TestSupport
import Testing

/// JSON as it comes from outside.
@Suite
struct JSONReadingTests {
    /// Reads a string.
    private func read(_ text: String, limits: DocumentLimits = .standard) throws -> DocumentNode {
        try Document.parse(json: Array(text.utf8).span, limits: limits).root
    }

    /// The error for a string; nil where it has none.
    private func failure(_ text: [UInt8], limits: DocumentLimits = .standard) -> DocumentError? {
        do {
            _ = try Document.parse(json: text.span, limits: limits)
            return nil
        } catch {
            return error
        }
    }

    @Test
    func stringsAreDecoded() throws {
        let root = try read(#"{"a": "x\n\"\\\/\u00e9\ud83d\ude00", "": "", "b": {"c": ["d", "e"]}}"#)
        #expect(keys(root) == ["a", "", "b"])
        #expect(root["a"]?.string == "x\n\"\\/é😀")
        #expect(root[""]?.string == "")
        #expect(root["b"]?["c"]?.element(at: 1)?.string == "e")
        #expect(root["b"]?["c"]?.count == 2)
        #expect(root["b"]?["c"]?.element(at: 2) == nil)
        #expect(root["a"]?.isText == true)
    }

    @Test
    func numbersAndBooleansAreNotStrings() throws {
        let root = try read(#"{"a": 5, "b": -1.5, "c": true, "d": false, "e": null, "f": [], "g": {}}"#)
        #expect(["a", "b", "c", "d"].map { root[$0]?.string } == ["5", "-1.5", "true", "false"])
        for key in keys(root) { #expect(root[key]?.isText == false) }
        #expect(root["e"]?.kind == .null)
        #expect(root["f"]?.kind == .sequence && root["g"]?.kind == .mapping)
    }

    @Test
    func aStringMayHoldNULAndAKeyMayNot() throws {
        #expect(try read(#"["a\u0000b"]"#).element(at: 0)?.string == "a\u{0}b")
        #expect(failure(Array(#"{"a\u0000b": 1}"#.utf8)) == .keyHoldsNUL(line: 1))
    }

    @Test(arguments: [
        "", " ", "{", "}", "[1,]", "{\"a\"}", "{\"a\": }", "{a: 1}", "'a'", "[1] 2", "nul", "[01]", "[1e999999]",
        "[123456789012345678901234567890]", "\"a\nb\"", "\"\\x\"", "\"\\ud800\"", "\u{FEFF}{}", "{} x", "//\n{}",
    ])
    func invalidJSONIsRefused(text: String) {
        #expect(failure(Array(text.utf8)) != nil)
    }

    @Test
    func duplicateKeysAreRefused() {
        #expect(failure(Array("{\"a\": 1,\n\"a\": 2}".utf8)) == .duplicateKey(line: 2))
    }

    @Test
    func invalidUTF8IsRefused() {
        #expect(failure(Array("[\"".utf8) + [0xC3, 0x28] + Array("\"]".utf8)) == .notUTF8)
        #expect(failure([0xFF, 0xFE, 0x7B, 0x00, 0x7D, 0x00]) != nil)
    }

    @Test
    func limitsHold() throws {
        let limits = DocumentLimits(depth: 3, nodes: 10, bytes: 60)
        #expect(try read("[[[1]]]", limits: limits).count == 1)
        #expect(failure(Array("[[[[1]]]]".utf8), limits: limits) == .tooDeep)
        #expect(try read("[\"[[[[[[[[\\\"[[,,,,,,,,,,,\"]", limits: limits).count == 1)
        #expect(failure(Array("[1,2,3,4,5,6,7,8,9,10,11]".utf8), limits: limits) == .tooManyNodes)
        #expect(failure(Array(repeating: 0x20, count: 61), limits: limits) == .tooLarge)
        #expect(failure(Array(repeating: UInt8(ascii: "["), count: 1_000_000)) == .tooDeep)
    }

    @Test
    func noErrorHoldsInput() {
        for text in ["[canary]", "{\"canary\": canary", "{\"canary\": 1, \"canary\": 2}", "[\"canary\\q\"]"] {
            #expect(failure(Array(text.utf8))?.description.contains("canary") == false)
        }
    }

    @Test
    func writtenJSONIsReadAsTheSame() throws {
        let root = try parse("a: 1\nb: [x, \"y\\n\\0\", {c: ~}]\n")
        let text = try #require(try json(root))
        #expect(try json(read(text)) == text)
    }

    @Test
    func damagedJSONIsReadOrRefused() {
        let seed = Array(
            #"{"kind": "Secret", "data": {"a": "YQ==", "b": [1, -2.5e3, true, null]}, "x": "\u00e9"}"#.utf8
        )
        var generator = SeededGenerator(seed: 4711)
        for _ in 0..<20_000 {
            var text = seed
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let place = Int.random(in: 0..<max(text.count, 1), using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: text.insert(UInt8.random(in: 0...255, using: &generator), at: place)
                case 1: if place < text.count { text[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator) }
                default: if place < text.count { text.remove(at: place) }
                }
            }
            guard let root = try? Document.parse(json: text.span).root else { continue }
            #expect((try? root.json()) != nil)
        }
    }

    @Test
    func aMappingCanHoldAnyBytes() throws {
        var builder = try MappingBuilder()
        try builder.append("text".utf8.span, text: "a\"b".utf8.span)
        try builder.append("empty".utf8.span, text: [UInt8]().span)
        let whole = try builder.finish().root
        #expect(keys(whole) == ["text", "empty"])
        #expect(try json(whole) == #"{"text":"a\"b","empty":""}"#)
        var other = try MappingBuilder()
        try other.append("bytes".utf8.span, text: [0xFF, 0x00].span)
        let root = try other.finish().root
        #expect(root["bytes"]?.withUnsafeText { Array($0) } == [0xFF, 0x00])
        #expect(try json(root) == nil)
    }

    @Test
    func aMappingTakesValuesOfOtherDocuments() throws {
        let text = "a: [x, {b: y, n: null}, []]\nc: {}\nd: &d 'z'\ne: *d\nf:\n"
        let other = try Document.parse(yaml: Array(text.utf8).span).root
        var plain = try MappingBuilder()
        var loud = try MappingBuilder()
        for position in 0..<other.count {
            let entry = try #require(other.entry(at: position))
            try plain.append(entry.key.textSpan, copying: entry.value)
            try loud.append(entry.key.textSpan, copying: entry.value) { (text, bytes) throws(SodiumError) in
                try bytes.append(text)
                try bytes.append(UInt8(ascii: "!"))
            }
        }
        #expect(try json(plain.finish().root) == #"{"a":["x",{"b":"y","n":""},[]],"c":{},"d":"z","e":"z","f":""}"#)
        #expect(try json(loud.finish().root) == #"{"a":["x!",{"b":"y!","n":""},[]],"c":{},"d":"z!","e":"z!","f":""}"#)
    }
}
