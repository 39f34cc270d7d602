import Sodium

/// The plaintext of an age file as a source, so that a file passes from one key to another in constant memory.
///
/// Only authenticated bytes are read from it, but they are before later chunks are authenticated.
public struct DecryptingSource<Source: ByteSource & ~Copyable>: ByteSource, ~Copyable {
    private var source: Source
    private var input: Input
    private var reader: PayloadReader
    private var offset = 0

    /// Authenticates the header of the file that `source` is at the start of.
    ///
    /// - Throws: as `Age.decrypt`.
    public init(_ source: consuming Source, with key: DecryptionKey) throws(AgeError) {
        var source = source
        var input = Input()
        let fileKey = try Age.open(&input, from: &source, with: key)
        var reader = try PayloadReader(&input, from: &source, with: fileKey)
        // An empty file has one empty chunk, which is authenticated like any other.
        _ = try reader.next(&input, from: &source)
        self.source = source
        self.input = input
        self.reader = reader
    }

    public mutating func read(into buffer: inout MutableSpan<UInt8>) throws(AgeError) -> Int {
        guard buffer.count > 0 else { return 0 }
        while true {
            let count = reader.copy(from: offset, into: &buffer)
            offset += count
            if count > 0 { return count }
            guard try reader.next(&input, from: &source) else { return 0 }
            offset = 0
        }
    }
}
