import Age
import Files
import Sodium

/// An open file as a source of bytes for the age format.
struct FileSource: ~Copyable, ByteSource {
    private let file: OpenFile

    /// Reads the file from where it stands.
    init(_ file: consuming OpenFile) {
        self.file = file
    }

    mutating func read(into buffer: inout MutableSpan<UInt8>) throws(AgeError) -> Int {
        do throws(FileError) {
            return try file.read(into: &buffer)
        } catch {
            throw .source(errno: error.code)
        }
    }
}

/// A new file as a sink for plaintext.
struct FileSink: ~Copyable, ByteSink {
    private var file: TemporaryFile

    /// Writes to the end of a file.
    init(_ file: consuming TemporaryFile) {
        self.file = file
    }

    mutating func write(_ bytes: Span<UInt8>) throws(AgeError) {
        do throws(FileError) {
            try file.write(bytes)
        } catch {
            throw .sink(errno: error.code)
        }
    }

    /// Hands the file back.
    consuming func finish() -> TemporaryFile {
        file
    }
}

/// Compares plaintext with a file, in constant memory.
struct ComparingSink: ~Copyable, ByteSink {
    private let file: OpenFile
    private var buffer: SecretBytes
    private var isEqual = true

    /// Compares with the content of a file, from where it stands.
    init(with file: consuming OpenFile) throws(AgeError) {
        do throws(SodiumError) {
            buffer = try SecretBytes(count: 65536)
        } catch {
            throw .memory(error)
        }
        self.file = file
    }

    mutating func write(_ bytes: Span<UInt8>) throws(AgeError) {
        var position = 0
        while isEqual, position < bytes.count {
            let count = try read(min(buffer.count, bytes.count - position))
            let part = bytes.extracting(position..<(position + count))
            isEqual = count > 0 && SecretBytes.constantTimeEquals(buffer.span.extracting(first: count), part)
            position += count
        }
    }

    /// Whether the file held the same bytes and no more.
    consuming func finish() throws(AgeError) -> Bool {
        guard isEqual else { return false }
        return try read(1) == 0
    }

    private mutating func read(_ count: Int) throws(AgeError) -> Int {
        do throws(FileError) {
            return try file.read(into: &buffer, count: count)
        } catch {
            throw .source(errno: error.code)
        }
    }
}
