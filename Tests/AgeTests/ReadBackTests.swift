import Age
import Glibc
import Sodium
import Testing

/// What is written to a sink that can be read is read back, all of it, before encrypting ends.
struct ReadBackTests {
    /// A file in memory, which may lose or change what is written to it.
    private final class MemoryFile: Sendable {
        struct Content {
            var bytes: [UInt8] = []
            var read: [Range<Int>] = []
        }

        let content = Guarded(Content())

        /// Changes the byte at this place when it is written.
        let damaged: Int?

        /// Has no bytes from this place on when it is read.
        let end: Int

        /// Cannot be read, or not be written from a place on.
        let readError: Int32?
        let full: Int

        init(damaged: Int? = nil, end: Int = .max, readError: Int32? = nil, full: Int = .max) {
            self.damaged = damaged
            self.end = end
            self.readError = readError
            self.full = full
        }

        var bytes: [UInt8] { content.withLock { $0.bytes } }
    }

    private struct Sink: ByteSink {
        let file: MemoryFile

        mutating func write(_ bytes: Span<UInt8>) throws(AgeError) {
            let file = file
            let bytes = bytes.withUnsafeBytes { Array($0) }
            let isFull = file.content.withLock { content in
                content.bytes += bytes
                if let damaged = file.damaged, content.bytes.indices.suffix(bytes.count).contains(damaged) {
                    content.bytes[damaged] ^= 1
                }
                return content.bytes.count > file.full
            }
            if isFull { throw .sink(errno: ENOSPC) }
        }

        var reader: (any SinkReader)? { Reader(file: file, start: file.bytes.count) }
    }

    private struct Reader: SinkReader {
        let file: MemoryFile
        let start: Int

        func read(into bytes: inout MutableSpan<UInt8>, at offset: Int) throws(AgeError) {
            if let readError = file.readError { throw .sink(errno: readError) }
            let range = start + offset..<start + offset + bytes.count
            let found = file.content.withLock { content -> [UInt8]? in
                guard range.upperBound <= min(content.bytes.count, file.end) else { return nil }
                content.read.append(range)
                return Array(content.bytes[range])
            }
            guard let found else { throw .notReadBack }
            for index in found.indices { bytes[index] = found[index] }
        }
    }

    /// Fails after some bytes.
    private struct FailingSource: ByteSource {
        var rest: Int

        mutating func read(into buffer: inout MutableSpan<UInt8>) throws(AgeError) -> Int {
            guard rest > 0 else { throw .source(errno: EIO) }
            let count = min(rest, buffer.count)
            rest -= count
            return count
        }
    }

    private let key: Identities

    init() throws {
        key = try newIdentity().identities
    }

    private func encrypt(_ plaintext: [UInt8], piece: Int = .max, to file: MemoryFile) throws(AgeError) {
        var source = ChoppedSource(plaintext, piece: piece)
        var sink = Sink(file: file)
        try Age.encrypt(from: &source, to: &sink, for: key.recipients)
    }

    @Test(arguments: [0, 1, chunkSize, chunkSize + 1, 17 * chunkSize, 17 * chunkSize + 1, 50 * chunkSize - 7])
    func allOfAPayloadIsReadBackOnce(size: Int) throws {
        let plaintext = pattern(size)
        for piece in [.max, 100_000] {
            let file = MemoryFile()
            try encrypt(plaintext, piece: piece, to: file)
            #expect(try decrypt(file.bytes, with: .identities(key)) == plaintext)
            let read = file.content.withLock { $0.read }.sorted { $0.lowerBound < $1.lowerBound }
            #expect(read.count == max(1, (size + chunkSize - 1) / chunkSize))
            #expect(zip(read, read.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
            #expect(read.last?.upperBound == file.bytes.count)
            #expect(file.bytes.count - (read.first?.lowerBound ?? 0) == size + 16 * read.count)
        }
    }

    @Test(arguments: [0, 1, 15, 16, 17, 32, 33, 48, 49])
    func whatWasNotWrittenAsItWasSealedIsNoticed(chunk: Int) throws {
        let plaintext = pattern(50 * chunkSize - 7)
        let whole = MemoryFile()
        try encrypt(plaintext, to: whole)
        let payload = whole.bytes.count - plaintext.count - 50 * 16
        for offset in [0, 5_000, 65_551] where offset < 65_551 || chunk < 49 {
            let place = payload + chunk * 65_552 + offset
            #expect(throws: AgeError.notReadBack) { try encrypt(plaintext, to: MemoryFile(damaged: place)) }
            #expect(throws: AgeError.notReadBack) { try encrypt(plaintext, to: MemoryFile(end: place)) }
        }
    }

    @Test(arguments: [1, 100_000, 40 * chunkSize])
    func errorsOfTheSourceAndTheSinkEndIt(size: Int) throws {
        let plaintext = pattern(size)
        #expect(throws: AgeError.sink(errno: EIO)) { try encrypt(plaintext, to: MemoryFile(readError: EIO)) }
        #expect(throws: AgeError.sink(errno: ENOSPC)) { try encrypt(plaintext, to: MemoryFile(full: size)) }
        #expect(throws: AgeError.source(errno: EIO)) {
            var source = FailingSource(rest: size)
            var sink = Sink(file: MemoryFile())
            try Age.encrypt(from: &source, to: &sink, for: key.recipients)
        }
    }

    @Test(arguments: [1, chunkSize, 100_000, 40 * chunkSize])
    func aSourceThatFailsWhileDecryptingGivesWholeChunksBefore(size: Int) throws {
        /// Gives some bytes, and then an error.
        struct Cut: ByteSource {
            var bytes: ChoppedSource

            mutating func read(into buffer: inout MutableSpan<UInt8>) throws(AgeError) -> Int {
                let count = try bytes.read(into: &buffer)
                guard count > 0 else { throw .source(errno: EIO) }
                return count
            }
        }
        let plaintext = pattern(size)
        var source = Cut(bytes: ChoppedSource(try AgeTests.encrypt(plaintext + [1], for: key.recipients)))
        var sink = RecordingSink()
        #expect(throws: AgeError.source(errno: EIO)) {
            try Age.decrypt(from: &source, to: &sink, with: .identities(key))
        }
        #expect(sink.bytes == Array(plaintext.prefix(sink.bytes.count)))
        #expect(sink.bytes.count % chunkSize == 0)
    }
}
