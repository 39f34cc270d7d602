import Sodium
import Testing

@testable import Documents

@Suite
struct JSONTests {
    @Test(arguments: [
        ("b: 1\na: two\nc: [true, ~, '']\nd: {}\ne: []\n", #"{"b":"1","a":"two","c":["true","",""],"d":{},"e":[]}"#),
        ("scalar", #""scalar""#), ("", #""""#), ("~", #""""#), ("0123", #""0123""#),
        ("[1e5, yes, +1]", #"["1e5","yes","+1"]"#),
        ("[[a], [b, [c]]]", #"[["a"],["b",["c"]]]"#), ("null: ~", #"{"null":""}"#), ("? \n: x", #"{"":"x"}"#),
        ("a: &x {y: z}\nb: *x\nc: *x", #"{"a":{"y":"z"},"b":{"y":"z"},"c":{"y":"z"}}"#),
        ("é: 日本 😀", #"{"é":"日本 😀"}"#), ("a/b: c/d", #"{"a/b":"c/d"}"#),
        (#""q\"\\\n\t\r\b\f\x01\0\x1f\x7fz""#, "\"q\\\"\\\\\\n\\t\\r\\b\\f\\u0001\\u0000\\u001F\u{7F}z\""),
        (#""\L\P""#, "\"\u{2028}\u{2029}\""), (#""\uFFFE\U0010FFFF""#, "\"\u{FFFE}\u{10FFFF}\""),
    ])
    func isWrittenCompactAndInOrder(file: String, expected: String) throws {
        #expect(try json(parse(file)) == expected)
    }

    @Test
    func aPartOfADocumentIsWritten() throws {
        let root = try parse("a: {b: [1, 2]}\n")
        #expect(try json(#require(root["a"])) == #"{"b":["1","2"]}"#)
        #expect(try json(#require(root.entry(at: 0)).key) == #""a""#)
    }

    @Test
    func manyKeysKeepTheirOrder() throws {
        let root = try parse((0..<3000).map { "k\($0): v\n" }.joined())
        #expect(try json(root) == "{" + (0..<3000).map { "\"k\($0)\":\"v\"" }.joined(separator: ",") + "}")
    }

    @Test
    func whatIsNotUTF8HasNoJSON() throws {
        // YAML cannot give such a string, so the tree is made by hand: {"<FF>": "ok"}, then {"ok": "<FF>"} and ["<FF>"].
        let texts: [UInt8] = [0, 0xFF, 0, UInt8(ascii: "o"), UInt8(ascii: "k"), 0]
        let wrong = Node(kind: .scalar, line: 1, start: 1, count: 1)
        let right = Node(kind: .scalar, line: 1, start: 3, count: 2)
        let map = Node(kind: .mapping, line: 1, start: 0, count: 2)
        let list = Node(kind: .sequence, line: 1, start: 0, count: 1)
        for (root, children) in [(map, [1, 2]), (map, [2, 1]), (list, [1])] as [(Node, [UInt32])] {
            let arena = try SecretBytes(copying: texts.span)
            let document = Document(
                nodes: try FallibleArray([root, wrong, right]),
                children: try FallibleArray(children),
                arena: arena
            )
            #expect(try json(document.root) == nil)
            #expect(DocumentNode(document: document, index: 1, isKey: false).isUTF8 == false)
            #expect(DocumentNode(document: document, index: 1, isKey: false).string == nil)
        }
    }

    @Test
    func indicesOutOfRangeAreHarmless() throws {
        let arena = try SecretBytes(copying: [0].span)
        let map = Node(kind: .mapping, line: 1, start: 7, count: .max)
        let text = Node(kind: .scalar, line: 1, start: 5, count: .max)
        let document = Document(
            nodes: try FallibleArray([map, text]),
            children: try FallibleArray([9]),
            arena: arena
        )
        #expect(document.root.entry(at: 0) == nil)
        #expect(document.root.entry(at: document.root.count - 1) == nil)
        let node = DocumentNode(document: document, index: 1, isKey: false)
        #expect(node.string == "")
        #expect(DocumentNode(document: document, index: 99, isKey: false).kind == .null)
        #expect(DocumentNode(document: document, index: -1, isKey: false).kind == .null)
    }
}
