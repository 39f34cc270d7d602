import Glibc
import Sodium
import Testing

/// Work that several threads share.
struct ShareTests {
    @Test(arguments: [0, 1, 2, 3, 16, 1_000])
    func eachPieceIsDoneOnceAndTheOtherWorkOnThisThread(count: Int) {
        let done = Guarded([Int](repeating: 0, count: count))
        let thread = pthread_self()
        var besides = 0
        Share.run(count) {
            #expect(pthread_self() == thread)
            besides += 1
        } _: { index in
            done.withLock { $0[index] += 1 }
        }
        #expect(done.withLock { $0 } == [Int](repeating: 1, count: count))
        #expect(besides == 1)
    }

    @Test func workMayBeSharedWithinWork() {
        let done = Guarded(0)
        Share.run(8) {
            Share.run(8) { _ in done.withLock { $0 += 1 } }
        } _: { _ in
            Share.run(8) { _ in done.withLock { $0 += 1 } }
        }
        #expect(done.withLock { $0 } == 72)
    }

    @Test func severalThreadsFillChunksOfOneBuffer() throws {
        let buffer = try ChunkBuffer(count: 1_000, chunkSize: 16, isSecret: true)
        // The last one is shorter.
        Share.run(63) { index in
            let size = min(16, 1_000 - index * 16)
            buffer.withChunk(index, count: size) { chunk in
                for position in 0..<size { chunk[position] = UInt8(index) }
            }
        }
        let found = buffer.withFirst(1_000) { bytes in (0..<1_000).map { bytes[$0] } }
        #expect(found == (0..<1_000).map { UInt8($0 / 16) })
    }

    @Test func aBufferIsFilledAndCopied() throws {
        let buffer = try ChunkBuffer(count: 100, chunkSize: 10, isSecret: false)
        let bytes = (0..<100).map { UInt8($0) }
        buffer.fill(with: bytes.span)
        let cases = [(0, 100, 100, 100), (90, 10, 40, 10), (50, 20, 5, 5), (3, 0, 5, 0), (3, -1, 5, 0)]
        for (offset, count, room, expected) in cases {
            var target = [UInt8](repeating: 0xff, count: room)
            var span = target.mutableSpan
            #expect(buffer.copy(from: offset, count: count, into: &span) == expected)
            #expect(Array(target.prefix(expected)) == Array(bytes[offset..<offset + expected]))
        }
    }
}
