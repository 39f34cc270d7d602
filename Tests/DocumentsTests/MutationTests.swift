import Documents
import TestSupport
import Testing

/// Thousands of damaged files: each gives a tree or an error, and no error but libyaml's fixed strings.
@Suite
struct MutationTests {
    /// Files that together use every feature.
    private static let seeds = [
        "a: 1\nb: [x, 'y', \"z\\n\\u00e9\\0\"]\nc: {d: ~, e: null}\n",
        "base: &b\n  k: |\n    text\n    more\n  f: >-\n    folded\nuse: *b\nlist:\n- *b\n- &s 日本\n- *s\n",
        "%YAML 1.1\n%TAG !e! tag:example.com,2000:\n---\n? key\n: !!str value\n!!map m: !!seq [1]\n...\n",
        "\u{FEFF}# comment\n'quo''ted': \"es\\\"c \\x41 \\U0001F600\"\nx:\n- - - deep\n  - [[{}]]\n",
        "- &a [lol]\n- &b [*a, *a, *a]\n- &c [*b, *b, *b]\n- {*s : 1, <<: *c}\n- ! t\n---\nsecond\n",
    ]

    /// What is inserted, besides random bytes.
    private static let pieces = [
        "&a ", "*a", "<<: ", "!!str ", "---\n", "...\n", "%TAG ! x\n", "[", "]", "{", "}", ": ", "? ", "- ", "|\n",
        ">\n",
        "\"", "'", "\\", "#", "\n", "\t", "\u{FEFF}", "\0", "\u{2028}", "~", ",", "a: a\n",
    ].map { Array($0.utf8) }

    /// A file with up to eight changes.
    private static func mutate(_ generator: inout SeededGenerator) -> [UInt8] {
        var file = Array((seeds.randomElement(using: &generator) ?? "").utf8)
        for _ in 0..<Int.random(in: 1...8, using: &generator) {
            let place = Int.random(in: 0...file.count, using: &generator)
            let end = min(place + Int.random(in: 0...6, using: &generator), file.count)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: file.removeSubrange(place..<end)
            case 1: file.insert(contentsOf: pieces.randomElement(using: &generator) ?? [], at: place)
            case 2: file.insert(UInt8.random(in: 0...255, using: &generator), at: place)
            case 3: file.insert(contentsOf: file[place..<end], at: Int.random(in: 0...file.count, using: &generator))
            case 4: if place < file.count { file[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator) }
            default: file.removeSubrange(place..<file.count)
            }
        }
        return file
    }

    /// Reads everything in a tree and returns how many values it has.
    private static func visit(_ root: DocumentNode) -> Int {
        var open = [root]
        var visited = 0
        while let node = open.popLast() {
            visited += 1
            _ = node.string
            for position in 0..<node.count {
                if let element = node.element(at: position) { open.append(element) }
                if let entry = node.entry(at: position) {
                    if text(entry.key)?.contains("\0") != false { return -1 }
                    open.append(entry.value)
                }
            }
        }
        return visited
    }

    @Test(arguments: 0..<8)
    func neverTraps(part: Int) throws {
        var generator = SeededGenerator(seed: 0x6B73_7461_636B + UInt64(part))
        let limits = DocumentLimits(depth: 8, nodes: 60, bytes: 600)
        var trees = 0
        for round in 0..<2500 {
            let file = Self.mutate(&generator)
            do {
                let root = try parse(file, limits: round % 2 == 0 ? limits : .standard)
                let visited = Self.visit(root)
                #expect(visited > 0 && (round % 2 != 0 || visited <= 60))
                #expect(try json(root) != nil)
                trees += 1
            } catch let error as DocumentError {
                guard case .syntax(_, _, let problem) = error else { continue }
                #expect(problem.utf8.count < 70 && problem.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F })
            }
        }
        #expect(trees > 100)
    }
}
