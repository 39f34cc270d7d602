import Age
import Sodium
import System

extension AgeError {
    fileprivate static func source(_ error: FileError) -> AgeError { .source(errno: error.code) }
    fileprivate static func sink(_ error: FileError) -> AgeError { .sink(errno: error.code) }
}

extension BLAKE2b {
    /// Starts a hash of what passes through a stream.
    fileprivate static func start() throws(AgeError) -> BLAKE2b {
        try mapError(AgeError.memory, BLAKE2b())
    }

    /// Ends a hash of what passed through a stream.
    fileprivate static func end(_ hash: consuming BLAKE2b) throws(AgeError) -> Digest {
        // A closure cannot consume what it captures.
        do throws(SodiumError) {
            return try hash.finish()
        } catch {
            throw .memory(error)
        }
    }
}

/// A source of bytes that can be read again from its start.
protocol RepeatableSource: ByteSource, ~Copyable {
    /// Goes back to the first byte.
    mutating func rewind() throws(AgeError)
}

extension SecretSource: RepeatableSource {}

/// An open file as a source of bytes for the age format, which hashes what is read.
struct FileSource: ~Copyable, RepeatableSource {
    private let file: OpenFile
    private var hash: BLAKE2b?

    /// Reads the file from where it stands, without a hash.
    init(plain file: consuming OpenFile) {
        hash = nil
        self.file = file
    }

    /// Reads the file from where it stands and hashes it.
    init(hashing file: consuming OpenFile) throws(AgeError) {
        hash = try .start()
        self.file = file
    }

    mutating func read(into buffer: inout MutableSpan<UInt8>) throws(AgeError) -> Int {
        try mapError(AgeError.source, FileError.checkScope(path: file.path))
        let count = try mapError(AgeError.source, file.read(into: &buffer))
        hash?.update(buffer.span.extracting(first: count))
        return count
    }

    mutating func rewind() throws(AgeError) {
        try mapError(AgeError.source, file.rewind())
    }

    /// The hash of what was read, which is the whole file where the reader went to its end.
    consuming func finish() throws(AgeError) -> BLAKE2b.Digest {
        guard let hash = hash.take() else { throw .memory(.invalidLength) }
        return try BLAKE2b.end(hash)
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

/// A new file as a sink, which hashes what is written.
struct FileSink: ~Copyable, ByteSink {
    private var file: TemporaryFile
    private var hash: BLAKE2b?

    /// Writes to the end of a file, without a hash.
    init(plain file: consuming TemporaryFile) {
        hash = nil
        self.file = file
    }

    /// Writes to the end of a file and hashes what is written.
    init(hashing file: consuming TemporaryFile) throws(AgeError) {
        hash = try .start()
        self.file = file
    }

    mutating func write(_ bytes: Span<UInt8>) throws(AgeError) {
        try mapError(AgeError.sink, file.write(bytes))
        hash?.update(bytes)
    }

    /// The hash of what was written so far, which ends it.
    mutating func digest() throws(AgeError) -> BLAKE2b.Digest {
        guard let hash = hash.take() else { throw .memory(.invalidLength) }
        return try BLAKE2b.end(hash)
    }

    /// Hands the file back, which has no name of its own yet.
    consuming func finish() -> TemporaryFile {
        file
    }
}

/// Keeps the hash of plaintext and nothing else.
struct HashingSink: ~Copyable, ByteSink {
    private var hash: BLAKE2b

    /// Starts with nothing.
    init() throws(AgeError) {
        hash = try .start()
    }

    mutating func write(_ bytes: Span<UInt8>) throws(AgeError) {
        hash.update(bytes)
    }

    /// The hash of what was written.
    consuming func finish() throws(AgeError) -> BLAKE2b.Digest {
        try BLAKE2b.end(hash)
    }
}
