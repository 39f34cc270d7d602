import Documents
import Sodium

/// Lines of `NAME=value`, as dotenv has them: comments, `export`, and values in single or double quotes.
///
/// Where programs that read such files differ, a line is refused rather than guessed at.
enum DotenvFile {
    /// Reads a file.
    static func parse(_ text: Span<UInt8>) throws(DocumentError) -> Document {
        var builder = try MappingBuilder()
        var start = 0
        var number = 0
        while start < text.count {
            var end = start
            while end < text.count, text[end] != UInt8(ascii: "\n") { end += 1 }
            number += 1
            try add(text.extracting(start..<end), number, to: &builder)
            start = end + 1
        }
        return builder.finish()
    }

    private static func add(
        _ line: Span<UInt8>,
        _ number: Int,
        to builder: inout MappingBuilder
    ) throws(DocumentError) {
        var start = skipBlanks(line, from: 0)
        if start == line.count || line[start] == UInt8(ascii: "#") { return }
        let export = Array("export ".utf8)
        if line.count - start > export.count, export.indices.allSatisfy({ line[start + $0] == export[$0] }) {
            start = skipBlanks(line, from: start + export.count)
        }
        var equals = start
        while equals < line.count, line[equals] != UInt8(ascii: "=") { equals += 1 }
        var nameEnd = equals
        while nameEnd > start, isBlank(line[nameEnd - 1]) { nameEnd -= 1 }
        guard equals < line.count, nameEnd > start, !(start..<nameEnd).contains(where: { isBlank(line[$0]) }) else {
            throw .syntax(line: number, column: 1, problem: "expected NAME=value")
        }
        let name = line.extracting(start..<nameEnd)
        let first = skipBlanks(line, from: equals + 1)
        let quote = first < line.count ? line[first] : 0
        guard quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
            let place = try unquoted(line, first, number)
            return try builder.append(name, text: line.extracting(place))
        }
        let value = try quoted(line, first + 1, quote, number)
        try append(name, value, to: &builder)
    }

    /// The place of a value without quotes: up to the white space at the end of the line.
    private static func unquoted(_ line: Span<UInt8>, _ first: Int, _ number: Int) throws(DocumentError) -> Range<Int> {
        var end = line.count
        while end > first, isBlank(line[end - 1]) { end -= 1 }
        // To some programs this begins a comment, to others it is a part of the value.
        for index in first..<end where line[index] == UInt8(ascii: "#") && (index == first || isBlank(line[index - 1]))
        {
            throw .syntax(line: number, column: index + 1, problem: "a '#' in a value; put the value in single quotes")
        }
        return first..<end
    }

    /// A value in quotes, up to the one that ends it; in double quotes with its escapes read.
    private static func quoted(
        _ line: Span<UInt8>,
        _ first: Int,
        _ quote: UInt8,
        _ number: Int
    ) throws(DocumentError) -> SecretBytes {
        do throws(SodiumError) {
            if let value = try quoted(line, first, quote) { return value }
        } catch {
            throw .memory(error)
        }
        throw .syntax(line: number, column: first, problem: "a quote that does not end with its line")
    }

    /// The same; nil where something other than a comment comes after the value.
    private static func quoted(_ line: Span<UInt8>, _ first: Int, _ quote: UInt8) throws(SodiumError) -> SecretBytes? {
        var value = try SecretBytes(minimumCapacity: line.count)
        var index = first
        while index < line.count, line[index] != quote {
            var byte = line[index]
            let isEscaped = byte == UInt8(ascii: "\\") && quote == UInt8(ascii: "\"") && index + 1 < line.count
            if isEscaped, let meant = escapes[line[index + 1]] {
                byte = meant
                index += 1
            }
            try value.append(byte)
            index += 1
        }
        guard index < line.count else { return nil }
        let rest = skipBlanks(line, from: index + 1)
        if rest < line.count, line[rest] != UInt8(ascii: "#") { return nil }
        return value
    }

    private static let escapes: [UInt8: UInt8] = [
        UInt8(ascii: "n"): 0x0A, UInt8(ascii: "r"): 0x0D, UInt8(ascii: "t"): 0x09,
        UInt8(ascii: "\""): UInt8(ascii: "\""), UInt8(ascii: "\\"): UInt8(ascii: "\\"),
        UInt8(ascii: "$"): UInt8(ascii: "$"),
    ]

    private static func append(
        _ name: Span<UInt8>,
        _ value: borrowing SecretBytes,
        to builder: inout MappingBuilder
    ) throws(DocumentError) {
        try builder.append(name, text: value.span)
    }

    private static func skipBlanks(_ line: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while index < line.count, isBlank(line[index]) { index += 1 }
        return index
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }
}
