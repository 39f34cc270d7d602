import Age
import Sodium

/// Compares what is written with what a source gives, and keeps neither.
struct ComparingSink<Source: ByteSource & ~Copyable>: ~Copyable, ByteSink {
    private var source: Source
    private var buffer: SecretBytes
    private var isSameSoFar = true

    /// Compares with a source, from its current position.
    init(_ source: consuming Source) throws(AgeError) {
        buffer = try mapError(AgeError.memory, SecretBytes(count: 65536))
        self.source = source
    }

    mutating func write(_ bytes: Span<UInt8>) throws(AgeError) {
        var offset = 0
        while isSameSoFar, offset < bytes.count {
            let count = try Self.read(&source, into: &buffer, atMost: bytes.count - offset)
            let isSame = buffer.starts(with: bytes.extracting(offset..<offset + count))
            isSameSoFar = count > 0 && isSame
            offset += count
        }
    }

    /// Whether what was written is exactly what the source holds.
    mutating func isSame() throws(AgeError) -> Bool {
        guard isSameSoFar else { return false }
        return try Self.read(&source, into: &buffer, atMost: 1) == 0
    }

    private static func read(
        _ source: inout Source,
        into buffer: inout SecretBytes,
        atMost limit: Int
    ) throws(AgeError) -> Int {
        let size = min(limit, buffer.count)
        var whole = buffer.mutableSpan
        var room = whole._mutatingExtracting(first: size)
        do throws(AgeError) {
            return try source.read(into: &room)
        } catch .source(let code) {
            // To whoever decrypts into this, the source is the file that is decrypted.
            throw .sink(errno: code)
        }
    }
}
