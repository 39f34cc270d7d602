import Age
import Sodium
import System

extension AgeError {
    fileprivate static func source(_ error: FileError) -> AgeError { .source(errno: error.code) }
    fileprivate static func sink(_ error: FileError) -> AgeError { .sink(errno: error.code) }
}

/// A source of bytes that can be read again from its start.
protocol RepeatableSource: ByteSource, ~Copyable {
    /// Goes back to the first byte.
    mutating func rewind() throws(AgeError)
}

extension SecretSource: RepeatableSource {}

/// An open file as a source of bytes for the age format; takes a fingerprint of what is read on demand.
struct FileSource: ~Copyable, RepeatableSource {
    private let file: OpenFile
    private var running: Fingerprint?

    /// Reads the file from its current position, without a fingerprint.
    init(plain file: consuming OpenFile) {
        running = nil
        self.file = file
    }

    /// Reads the file from its current position, and takes its fingerprint.
    init(_ file: consuming OpenFile, fingerprinting key: Fingerprint.Key) throws(AgeError) {
        running = try mapError(AgeError.memory, Fingerprint(key: key))
        self.file = file
    }

    mutating func read(into buffer: inout MutableSpan<UInt8>) throws(AgeError) -> Int {
        try mapError(AgeError.source, FileError.checkScope(path: file.path))
        let count = try mapError(AgeError.source, file.read(into: &buffer))
        running?.update(buffer.span.extracting(first: count))
        return count
    }

    mutating func rewind() throws(AgeError) {
        try mapError(AgeError.source, file.rewind())
    }

    /// The fingerprint of what was read, which is the whole file where the reader went to its end.
    mutating func fingerprint() throws(AgeError) -> Fingerprint.Digest {
        guard let running = running.take() else { throw .memory(.invalidLength) }
        return running.finish()
    }
}

/// The plaintext of an age file as a source that can be read again, each time from the file itself.
struct PlaintextSource: ~Copyable, RepeatableSource {
    private var source: DecryptingSource<FileSource>?
    private let key: DecryptionKey

    /// Authenticates the header of a file.
    init(of file: consuming FileSource, with key: DecryptionKey) throws(AgeError) {
        self.key = key
        source = try DecryptingSource(file, with: key)
    }

    mutating func read(into buffer: inout MutableSpan<UInt8>) throws(AgeError) -> Int {
        try source?.read(into: &buffer) ?? 0
    }

    mutating func rewind() throws(AgeError) {
        guard let source = source.take() else { return }
        var file = source.takeSource()
        try file.rewind()
        self.source = try DecryptingSource(file, with: key)
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
