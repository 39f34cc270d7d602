import Age
import Sodium
import Testing

@testable import KStackLocal

@Suite
struct ComparingSinkTests {
    /// Gives a string in pieces of a size, and fails at its end on request.
    private struct Pieces: ByteSource {
        var rest: [UInt8]
        let size: Int
        var fails = false

        mutating func read(into buffer: inout MutableSpan<UInt8>) throws(AgeError) -> Int {
            if fails, rest.isEmpty { throw .source(errno: 5) }
            let count = min(size, buffer.count, rest.count)
            for index in 0..<count { buffer[index] = rest[index] }
            rest.removeFirst(count)
            return count
        }
    }

    private func isSame(_ source: [UInt8], _ written: [[UInt8]], size: Int = 3) throws -> Bool {
        var sink = try ComparingSink(Pieces(rest: source, size: size))
        for bytes in written { try sink.write(bytes.span) }
        return try sink.isSame()
    }

    @Test
    func equalContentIsEqualInAnyPieces() throws {
        let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        for size in [7, 65536, 200_000] {
            #expect(try isSame(bytes, [bytes], size: size))
            #expect(try isSame(bytes, [Array(bytes[..<65536]), Array(bytes[65536...]), []], size: size))
        }
        #expect(try isSame([], []))
        #expect(try isSame([], [[]]))
    }

    @Test
    func otherContentIsNotEqual() throws {
        let bytes: [UInt8] = [1, 2, 3, 4, 5, 6, 7]
        #expect(try !isSame(bytes, [Array(bytes.dropLast())]))
        #expect(try !isSame(bytes, [bytes + [8]]))
        #expect(try !isSame(bytes, []))
        #expect(try !isSame([], [[0]]))
        for index in bytes.indices {
            var other = bytes
            other[index] ^= 1
            #expect(try !isSame(bytes, [other]))
            // What differed once stays different.
            #expect(try !isSame(bytes + bytes, [other, bytes]))
        }
    }

    @Test
    func errorsOfTheSourceAndOfTheFileAreDistinguished() throws {
        var sink = try ComparingSink(Pieces(rest: [1], size: 1, fails: true))
        let bytes: [UInt8] = [1, 2]
        #expect(throws: AgeError.sink(errno: 5)) { try sink.write(bytes.span) }
    }
}
