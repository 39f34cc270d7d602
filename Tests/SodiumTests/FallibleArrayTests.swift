import Testing

@testable import Sodium

@Suite
struct FallibleArrayTests {
    @Test
    func missingMemoryIsAnError() {
        #expect(failure(adding: .max) == .outOfMemory)
        #expect(failure(adding: .max / 8) == .outOfMemory)
        #expect(failure(adding: 1) == nil)
    }

    private func failure(adding count: Int) -> SodiumError? {
        var list = FallibleArray<Int>()
        do throws(SodiumError) {
            try list.append(1)
            try list.append(repeating: 1, count: count)
            return nil
        } catch {
            return list.count == 1 ? error : nil
        }
    }

    @Test
    func elementsStayInTheirOrder() throws {
        var list = FallibleArray<String>()
        for number in 0..<1000 { try list.append("a text that is longer than fifteen bytes, \(number)") }
        #expect(list.count == 1000)
        #expect(list.first == "a text that is longer than fifteen bytes, 0")
        #expect(list[999] == "a text that is longer than fifteen bytes, 999")
        #expect(Array(list).count == 1000)
    }

    @Test
    func copiesAreApartOnceOneChanges() throws {
        var first = try FallibleArray(["a", "b", "c"])
        var second = first
        try second.replace(at: 1, with: "x")
        try second.append("d")
        #expect(Array(first) == ["a", "b", "c"])
        #expect(Array(second) == ["a", "x", "c", "d"])
        var third = first
        third.truncate(to: 1)
        try third.append("y")
        #expect(Array(third) == ["a", "y"])
        first.truncate(to: 0)
        #expect(first.isEmpty)
        try first.append("z")
        #expect(Array(first) == ["z"])
    }

    /// Each element is released once, however it is removed.
    @Test
    func elementsAreReleased() throws {
        let counter = Counter()
        do {
            var list = FallibleArray<Counted>()
            for _ in 0..<100 { try list.append(Counted(counter)) }
            let copy = list
            list.truncate(to: 50)
            try list.append(Counted(counter))
            #expect(counter.alive == 101)
            try list.sort { _, _ in false }
            list.truncate(to: 10)
            try list.reserve(1000)
            #expect(counter.alive == 100)
            #expect(copy.count == 100)
        }
        #expect(counter.alive == 0)
    }

    private final class Counter { var alive = 0 }

    private final class Counted {
        let counter: Counter

        init(_ counter: Counter) {
            self.counter = counter
            counter.alive += 1
        }

        deinit { counter.alive -= 1 }
    }

    @Test(arguments: [0, 1, 2, 3, 7, 8, 100, 1000])
    func sortingIsStable(count: Int) throws {
        let numbers = (0..<count).map { ($0 &* 7919 % 97, $0) }
        var list = try FallibleArray(numbers)
        try list.sort { $0.0 < $1.0 }
        let wanted = numbers.sorted { $0.0 != $1.0 ? $0.0 < $1.0 : $0.1 < $1.1 }
        #expect(list.map(\.1) == wanted.map(\.1))
    }

    @Test
    func anIndexFindsWhatWasAdded() throws {
        var index = FallibleIndex()
        let texts = (0..<2000).map { "text \($0)" }
        for (position, text) in texts.enumerated() {
            // Few hashes, so that many of them are the same.
            let hash = text.utf8.span.hash % 500
            #expect(index.position(hash: hash) { texts[$0] == text } == nil)
            try index.insert(hash: hash, position: position)
        }
        var copy = index
        try copy.reserve(10_000)
        for (position, text) in texts.enumerated() {
            let hash = text.utf8.span.hash % 500
            #expect(index.position(hash: hash) { texts[$0] == text } == position)
            #expect(copy.position(hash: hash) { texts[$0] == text } == position)
        }
    }
}
