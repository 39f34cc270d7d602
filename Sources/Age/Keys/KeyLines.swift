/// Iterates over the lines of an identity or recipients file without copying them.
struct KeyLines {
    /// How long a file may be in bytes.
    static let sizeLimit = 16 << 20

    /// How long a line may be in bytes.
    static let lineLimit = 8 << 10

    /// How many lines with keys a file may have: twice as many as recipients fit into a header.
    static let keyLimit = 2048

    /// How many lines with keys `next` gave.
    private var keyCount = 0

    /// The index behind the line that `next` gave last.
    private var position = 0

    /// The number of the line that `next` gave last, from 1 on.
    private(set) var number = 0

    /// Checks the length of a file; a byte order mark, as editors on Windows write it, is skipped.
    init(of text: Span<UInt8>) throws(AgeError) {
        if text.hasPrefix("\u{FEFF}") { position = 3 }
        guard text.count <= Self.sizeLimit else { throw .malformedKey(line: nil, reason: "the file is too large") }
    }

    /// Where the next line with a key is, white space at its ends left out; blank lines and comments are skipped.
    mutating func next(in text: Span<UInt8>) throws(AgeError) -> Range<Int>? {
        while position < text.count {
            let start = position
            var end = start
            while end < text.count, text[end] != UInt8(ascii: "\n") { end += 1 }
            position = end + 1
            number += 1
            guard end - start <= Self.lineLimit else {
                throw .malformedKey(line: number, reason: "the line is too long")
            }
            let line = Self.trim(start..<end, in: text)
            guard !line.isEmpty, text[line.lowerBound] != UInt8(ascii: "#") else { continue }
            keyCount += 1
            guard keyCount <= Self.keyLimit else {
                throw .malformedKey(line: number, reason: "the file has more than \(Self.keyLimit) keys")
            }
            return line
        }
        return nil
    }

    /// The next word of a line from `position` on, up to white space or the start of a comment.
    static func word(in text: Span<UInt8>, _ line: Range<Int>, from position: inout Int) -> Range<Int>? {
        while position < line.upperBound, isBlank(text[position]) { position += 1 }
        let start = position
        guard start < line.upperBound, text[start] != UInt8(ascii: "#") else { return nil }
        while position < line.upperBound, !isBlank(text[position]) { position += 1 }
        return start..<position
    }

    /// Whether a line has several words, or words with commas between.
    static func isList(_ line: Span<UInt8>) -> Bool {
        line.indices.contains { isBlank(line[$0]) || line[$0] == UInt8(ascii: ",") || line[$0] == UInt8(ascii: ";") }
    }

    /// A range without the white space at its ends.
    private static func trim(_ range: Range<Int>, in text: Span<UInt8>) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end, isBlank(text[start]) { start += 1 }
        while end > start, isBlank(text[end - 1]) { end -= 1 }
        return start..<end
    }

    /// Whether a byte separates words within a line; a carriage return ends lines of other systems.
    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }
}
