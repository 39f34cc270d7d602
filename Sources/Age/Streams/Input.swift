import Sodium

/// The bytes of an age file, read ahead from a source into one buffer, armor taken off.
struct Input {
    /// How the file is written, known from its first byte on.
    private enum Encoding {
        case unknown
        case binary
        case armored(ArmorDecoder)
    }

    /// Holds the bytes read and not yet consumed, from `start` to `end`.
    ///
    /// Small at first: most files fit. A file decides how large it becomes, so its memory can be refused.
    private(set) var buffer = FallibleArray<UInt8>()

    private static let firstSize = 4096

    /// The index of the next byte.
    private(set) var start = 0

    /// The index behind the last byte that was read.
    private(set) var end = 0

    /// How many bytes were dropped since the start of the file.
    private(set) var consumed = 0

    /// Whether the source gave its last byte; it is not asked again.
    private var hasEnded = false

    /// The encoding, once it is known.
    private var encoding = Encoding.unknown

    /// How many bytes are ready.
    var count: Int { end - start }

    /// Drops the next bytes, at most as many as are ready.
    mutating func consume(_ count: Int) {
        let count = min(count, self.count)
        start += count
        consumed += count
    }

    /// Reads until `wanted` bytes are ready or the source ends.
    ///
    /// - Throws: `armor` where the armor is wrong, as far as it was read; what the source throws.
    mutating func fill<Source: ByteSource & ~Copyable>(
        from source: inout Source,
        atLeast wanted: Int
    ) throws(AgeError) {
        while count < wanted, !hasEnded {
            // The first read has one size, however much is wanted: the format is detected in it.
            let room = if case .unknown = encoding { 1 } else { wanted }
            try mapError(AgeError.memory, makeRoom(for: room))
            let count = try readMore(from: &source)
            end += count
            if count == 0 { hasEnded = true }
        }
    }

    /// Reads what the source gives in one go, or one line of armor; 0 at the end.
    private mutating func readMore<Source: ByteSource & ~Copyable>(from source: inout Source) throws(AgeError) -> Int {
        switch encoding {
        case .binary:
            return try source.read(into: &buffer, from: end)
        case .armored(var decoder):
            // The decoder's buffers need one owner while they change, or each line would copy them.
            encoding = .unknown
            let count = try decoder.decodeLine(from: &source, into: &buffer, at: end)
            encoding = .armored(decoder)
            return count
        case .unknown:
            let count = try readStart(from: &source)
            guard count > 0 else { return 0 }
            if let format = ForeignFormat(start: buffer.span.extracting(first: count)) { throw .foreign(format) }
            // Every version line begins with this letter, and no armor does.
            if buffer.first == UInt8(ascii: "a") {
                encoding = .binary
                hasEnded = count < buffer.count
                return count
            }
            var decoder = ArmorDecoder(text: Array(buffer.prefix(Self.firstSize)), count: count)
            let decoded = try decoder.decodeLine(from: &source, into: &buffer, at: 0)
            encoding = .armored(decoder)
            return decoded
        }
    }

    /// Fills the buffer, so that the detected format does not depend on the pieces that the source gives.
    private mutating func readStart<Source: ByteSource & ~Copyable>(from source: inout Source) throws(AgeError) -> Int {
        var count = 0
        while count < buffer.count {
            let more = try source.read(into: &buffer, from: count)
            if more == 0 { break }
            count += more
        }
        return count
    }

    /// Makes room for a line of armor behind `end`, and for `wanted` bytes in all.
    private mutating func makeRoom(for wanted: Int) throws(SodiumError) {
        guard buffer.count - end < ArmorDecoder.bytesPerLine else { return }
        if start > 0 {
            let (count, start) = (count, start)
            let asItIs = { (error: SodiumError) in error }
            try buffer.withMutableElements(or: asItIs) { (bytes) throws(SodiumError) in
                for index in 0..<count { bytes[index] = bytes[start + index] }
            }
            self.start = 0
            end = count
        }
        let needed = max(wanted, end + 1) + ArmorDecoder.bytesPerLine
        guard buffer.count < needed else { return }
        let size = max(needed, 2 * end, Self.firstSize)
        try buffer.append(repeating: 0, count: size - buffer.count)
    }
}
