import Documents
import Foundation
import Synchronization
import Testing

/// Files beyond the limits.
@Suite
struct LimitTests {
    @Test(arguments: [("[", "]"), ("{a: ", "}")])
    func depthWithoutAliases(open: String, close: String) throws {
        func nested(_ depth: Int) -> String {
            String(repeating: open, count: depth) + "x" + String(repeating: close, count: depth)
        }
        var node = try parse(nested(64))
        for _ in 0..<64 { node = try #require(node.element(at: 0) ?? node["a"]) }
        #expect(text(node) == "x")
        #expect(try json(parse(nested(64))) != nil)
        #expect(failure(nested(65)) == .tooDeep)
    }

    @Test
    func depthInBlocks() {
        func nested(_ depth: Int) -> String {
            (0..<depth).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
        }
        #expect(failure(nested(64)) == nil)
        #expect(failure(nested(65)) == .tooDeep)
        #expect(failure(String(repeating: "- ", count: 64) + "x") == nil)
        #expect(failure(String(repeating: "- ", count: 65) + "x") == .tooDeep)
    }

    @Test(arguments: ["[", "{", "- ", "? ", "[\n", "{a: ", "{? ", "[a, ", "{a: [", "&a [", "!!seq [", "- - ", "[[{"])
    func aHundredThousandLevelsAreRefusedAtOnce(open: String) {
        let times = growth { #expect(failure(String(repeating: open, count: $0)) != nil) }
        #expect(times < Self.linear)
    }

    @Test
    func depthThroughAliases() throws {
        func chain(_ length: Int) -> String {
            "- &a0 [x]\n" + (1..<length).map { "- &a\($0) [*a\($0 - 1)]\n" }.joined()
        }
        // The outermost sequence is one level more.
        #expect(failure(chain(63)) == nil)
        #expect(failure(chain(64)) == .tooDeep)
        #expect(failure(chain(5000)) == .tooDeep)
        let twice = "- &a " + String(repeating: "[", count: 40) + String(repeating: "]", count: 40) + "\n"
        #expect(
            failure(twice + "- " + String(repeating: "[", count: 23) + "*a" + String(repeating: "]", count: 23)) == nil
        )
        #expect(
            failure(twice + "- " + String(repeating: "[", count: 24) + "*a" + String(repeating: "]", count: 24))
                == .tooDeep
        )
    }

    @Test
    func aBillionLaughs() {
        var nodes = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
        for level in 1..<20 {
            let uses = [String](repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            nodes += "a\(level): &a\(level) [\(uses)]\n"
        }
        #expect(failure(nodes) == .tooManyNodes)
        var bytes = "- &a \(String(repeating: "x", count: 100_000))\n"
        bytes += String(repeating: "- *a\n", count: 200)
        #expect(failure(bytes) == .tooLarge)
        var keys = "- &a \(String(repeating: "x", count: 100_000))\n"
        keys += String(repeating: "- {*a : 1}\n", count: 200)
        #expect(failure(keys) == .tooLarge)
    }

    @Test
    func nodesAndBytesAreCountedExactly() {
        let small = DocumentLimits(depth: 3, nodes: 5, bytes: 100)
        #expect(failure("{a: 1, b: 2, c: 3, d: 4}", limits: small) == nil)
        #expect(failure("{a: 1, b: 2, c: 3, d: 4, e: 5}", limits: small) == .tooManyNodes)
        #expect(failure("- &a [1]\n- *a\n", limits: small) == nil)
        #expect(failure("- &a [1]\n- *a\n- x\n", limits: small) == .tooManyNodes)
        #expect(failure(String(repeating: "x", count: 99), limits: small) == nil)
        #expect(failure(String(repeating: "x", count: 100), limits: small) == .tooLarge)
        #expect(failure(String(repeating: " ", count: 100), limits: small) == nil)
        #expect(failure(String(repeating: " ", count: 101), limits: small) == .tooLarge)
        #expect(failure("x", limits: DocumentLimits(depth: 0, nodes: 1, bytes: 10)) == nil)
        #expect(failure("[]", limits: DocumentLimits(depth: 0, nodes: 1, bytes: 10)) == .tooDeep)
    }

    @Test
    func senselessLimitsAreHarmless() {
        for number in [Int.min, -1, 0] {
            #expect(failure("[a]", limits: DocumentLimits(depth: number, nodes: number, bytes: number)) != nil)
            _ = failure("", limits: DocumentLimits(depth: number, nodes: number, bytes: number))
            #expect(failure("&a [a, *a]", limits: DocumentLimits(depth: 5, nodes: number, bytes: 100)) != nil)
        }
        let all = DocumentLimits(depth: .max, nodes: .max, bytes: .max)
        #expect(all.depth == DocumentLimits.greatestDepth)
        #expect(failure("- &a [a]\n- *a\n", limits: all) == nil)
        #expect(failure(String(repeating: "[", count: 512) + String(repeating: "]", count: 512), limits: all) == nil)
        #expect(
            failure(String(repeating: "[", count: 513) + String(repeating: "]", count: 513), limits: all) == .tooDeep
        )
    }

    @Test
    func theGreatestDepthFitsOnASmallStack() throws {
        let depth = DocumentLimits.greatestDepth
        let limits = DocumentLimits(depth: depth, nodes: 10_000, bytes: 100_000)
        let file = String(repeating: "{a: [", count: depth / 2) + String(repeating: "]}", count: depth / 2)
        let root = try parse(file, limits: limits)
        let length = Mutex(0)
        let done = DispatchSemaphore(value: 0)
        let thread = Thread {
            let text = try? json(root)
            length.withLock { $0 = text?.utf8.count ?? -1 }
            done.signal()
        }
        thread.stackSize = 512 << 10
        thread.start()
        done.wait()
        #expect(length.withLock { $0 } == depth / 2 * #"{"a":[]}"#.utf8.count)
    }

    @Test
    func theLargestFile() throws {
        var file = [UInt8](repeating: UInt8(ascii: "x"), count: DocumentLimits.standard.bytes)
        #expect(failure(file) == .tooLarge)
        file.removeLast()
        #expect(failure(file) == nil)
        file += [0x0A, 0x0A]
        #expect(failure(file) == .tooLarge)
    }

    @Test
    func manyKeysAreQuick() throws {
        let keys = (0..<50_000).map { "key\($0): v\n" }
        let times = growth { #expect(failure(keys.prefix($0 / 2).joined()) == nil) }
        #expect(times < Self.linear)
        let file = keys.joined()
        let root = try parse(file)
        #expect(root.count == 50_000)
        #expect(text(root["key49999"]) == "v")
        #expect(failure(file + "key0: v\n") == .duplicateKey(line: 50_001))
        #expect(failure((0..<100_000).map { "k\($0): v\n" }.joined()) == .tooManyNodes)
    }

    @Test
    func manyAnchorsAreQuick() {
        let anchors = (0..<30_000).map { "- &anchor\($0) v\n- *anchor\($0)\n" }
        let times = growth { #expect(failure(anchors.prefix($0 * 3 / 10).joined()) == nil) }
        #expect(times < Self.linear)
    }

    @Test
    func manyTagDirectivesAreRefused() {
        let directives = (0..<100_000).map { "%TAG !a\($0)! x\n" }.joined()
        #expect(failure(directives + "---\na\n") == .tag(line: 17))
        #expect(failure("a\n...\n" + directives) == .tag(line: 19))
        #expect(failure("%TAG !a! x\n---\na\n") == nil)
        #expect(failure(String(repeating: "- '%TAG !a! x'\n", count: 100)) == nil)
    }

    @Test(arguments: [
        "a, ", "[],", "{}, ", "a: b, ", "'x' ", "&a b, ", "a?", "\"\\\n", "# c\n", "\n", " ", "%a\n", "!!str a, ",
        "-\n",
    ])
    func longRowsAreQuick(piece: String) {
        for opening in ["", "[", "{", "\"", "'", "|\n", "a: "] {
            let times = growth { _ = failure(opening + String(repeating: piece, count: 2 * $0 / piece.utf8.count)) }
            #expect(times < Self.linear, "after \(opening.debugDescription)")
        }
    }

    /// Above linear growth, which is 8, and below quadratic growth, 64.
    private static let linear = 24.0

    /// How many times longer `work` takes on 100,000 things than on an eighth of them.
    ///
    /// It measures the processor time of this thread, which does not depend on other work on the machine.
    private func growth(of work: (Int) -> Void) -> Double {
        func seconds(_ count: Int) -> Double {
            let start = processorTime()
            work(count)
            return processorTime() - start
        }
        let few = (0..<3).map { _ in seconds(12_500) }.min() ?? 0
        // The clock is too coarse for less.
        return seconds(100_000) / max(few, 0.002)
    }

    private func processorTime() -> Double {
        var now = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
    }
}
