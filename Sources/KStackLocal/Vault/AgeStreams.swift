import Age
import Sodium
import System

extension AgeError {
    fileprivate static func source(_ error: FileError) -> AgeError { .source(errno: error.code) }
    fileprivate static func sink(_ error: FileError) -> AgeError { .sink(errno: error.code) }
}

/// An open file as a source of bytes for the age format; takes a fingerprint of what is read on demand.
struct FileSource: ~Copyable, ByteSource {
    /// How many bytes are read before they are dropped from the system's cache.
    private static let portion = 1 << 20

    /// The size of the largest pieces in which the system's cache holds files, in bytes; with pages of 4 KiB.
    private static let largestPiece = 2 << 20

    private let file: OpenFile
    private var running: Fingerprint?
    private let isForWriting: Bool
    private var position = 0
    private var dropped = 0

    /// Reads the file from its start, without a fingerprint.
    ///
    /// - Parameter isForWriting: whether as much is written as is read, and the file is on the disk and not read again
    ///   soon. Then what was read of a large file leaves the system's cache, and its memory takes what is written, which
    ///   costs much less time than other memory, above all in a virtual machine.
    init(plain file: consuming OpenFile, isForWriting: Bool = false) {
        running = nil
        self.file = file
        self.isForWriting = isForWriting
    }

    /// Reads the file from its start, and takes its fingerprint.
    init(
        _ file: consuming OpenFile,
        fingerprinting key: Fingerprint.Key,
        isForWriting: Bool = false
    ) throws(AgeError) {
        running = try mapError(AgeError.memory, Fingerprint(key: key))
        self.file = file
        self.isForWriting = isForWriting
    }

    mutating func read(into buffer: inout MutableSpan<UInt8>) throws(AgeError) -> Int {
        try mapError(AgeError.source, FileError.checkScope(path: file.path))
        let count = try mapError(AgeError.source, file.read(into: &buffer))
        running?.update(buffer.span.extracting(first: count))
        position += count
        if isForWriting { dropFromCache() }
        return count
    }

    /// Drops what was read from the system's cache.
    private mutating func dropFromCache() {
        // A piece of the cache, which begins at a multiple of its size, is dropped as a whole or not at all, so those
        // that were read in part the last time are dropped with this range.
        let end = position - position % Self.portion
        guard end > dropped else { return }
        let start = max(dropped - Self.largestPiece, 0)
        file.dropFromCache(from: start, count: end - start)
        dropped = end
    }

    /// Goes back to the first byte.
    mutating func rewind() throws(AgeError) {
        try mapError(AgeError.source, file.rewind())
        (position, dropped) = (0, 0)
    }

    /// The fingerprint of what was read, which is the whole file where the reader went to its end.
    mutating func fingerprint() throws(AgeError) -> Fingerprint.Digest {
        guard let running = running.take() else { throw .memory(.invalidLength) }
        return running.finish()
    }
}

/// A new file as a sink; takes a fingerprint of what is written on demand.
struct FileSink: ~Copyable, ByteSink {
    private var file: TemporaryFile
    private var running: Fingerprint?

    /// Writes to the end of a file, without a fingerprint.
    init(plain file: consuming TemporaryFile) {
        running = nil
        self.file = file
    }

    /// Writes to the end of a file, and takes the fingerprint of what is written.
    init(_ file: consuming TemporaryFile, fingerprinting key: Fingerprint.Key) throws(AgeError) {
        running = try mapError(AgeError.memory, Fingerprint(key: key))
        self.file = file
    }

    mutating func write(_ bytes: Span<UInt8>) throws(AgeError) {
        try mapError(AgeError.sink, file.write(bytes))
        running?.update(bytes)
    }

    var reader: (any SinkReader)? { FileSinkReader(end: file.end) }

    /// The fingerprint of what was written so far, which ends it.
    mutating func fingerprint() throws(AgeError) -> Fingerprint.Digest {
        guard let running = running.take() else { throw .memory(.invalidLength) }
        return running.finish()
    }

    /// Takes the file out, which has no name yet.
    consuming func finish() -> TemporaryFile {
        file
    }
}

/// Reads what is written to a new file.
private struct FileSinkReader: SinkReader {
    let end: TemporaryFile.End

    func read(into bytes: inout MutableSpan<UInt8>, at offset: Int) throws(AgeError) {
        let count = try mapError(AgeError.sink, end.read(into: &bytes, at: offset))
        guard count == bytes.count else { throw .notReadBack }
    }
}

/// Keeps the fingerprint of plaintext and nothing else.
struct FingerprintingSink: ~Copyable, ByteSink {
    private var running: Fingerprint

    /// Makes a sink for a new fingerprint.
    init(_ key: Fingerprint.Key) throws(AgeError) {
        running = try mapError(AgeError.memory, Fingerprint(key: key))
    }

    mutating func write(_ bytes: Span<UInt8>) throws(AgeError) {
        running.update(bytes)
    }

    /// The fingerprint of what was written.
    consuming func finish() -> Fingerprint.Digest {
        running.finish()
    }
}
