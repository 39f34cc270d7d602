import Documents
import KStackAny
import Sodium

/// Lines of `NAME=value`, as in dotenv: comments, `export`, and values in single or double quotes.
///
/// A value in quotes may end on a later line.
/// Where programs that read such files differ, a line is refused rather than guessed at.
enum DotenvFile {
    /// The position of the reader.
    private struct Cursor {
        var index = 0
        var line = 1
        var lineStart = 0

        /// An error here.
        func error(_ problem: String) -> DocumentError {
            .syntax(line: line, column: index - lineStart + 1, problem: problem)
        }

        /// Moves on by one byte.
        mutating func step(_ text: Span<UInt8>) {
            let isLineEnd = text[index] == UInt8(ascii: "\n")
            index += 1
            guard isLineEnd else { return }
            line += 1
            lineStart = index
        }

        mutating func skipBlanks(_ text: Span<UInt8>) {
            while index < text.count, isBlank(text[index]) { index += 1 }
        }

        func isAtLineEnd(_ text: Span<UInt8>) -> Bool {
            index == text.count || text[index] == UInt8(ascii: "\n")
        }
    }

    /// Reads a file.
    static func parse(_ text: Span<UInt8>) throws(DocumentError) -> Document {
        try check(text)
        var builder = try MappingBuilder()
        var lines: [String: Int] = [:]
        var cursor = Cursor()
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        if text.count >= mark.count, mark.indices.allSatisfy({ text[$0] == mark[$0] }) {
            cursor.index = mark.count
            cursor.lineStart = mark.count
        }
        while cursor.index < text.count {
            cursor.skipBlanks(text)
            if !cursor.isAtLineEnd(text), text[cursor.index] != UInt8(ascii: "#") {
                try add(text, &cursor, &lines, to: &builder)
            }
            // What is left is a comment.
            while !cursor.isAtLineEnd(text) { cursor.step(text) }
            if cursor.index < text.count { cursor.step(text) }
        }
        return try builder.finish()
    }

    /// Refuses what cannot be in a text file: NUL, and a carriage return outside of a line end.
    private static func check(_ text: Span<UInt8>) throws(DocumentError) {
        var cursor = Cursor()
        while cursor.index < text.count {
            let next = cursor.index + 1
            if text[cursor.index] == 0 {
                throw cursor.error(
                    "a NUL byte; the file must be text in UTF-8, so use kstack encrypt for binary data"
                )
            }
            if text[cursor.index] == UInt8(ascii: "\r"), next < text.count, text[next] != UInt8(ascii: "\n") {
                throw cursor.error("a carriage return that ends no line; write line ends as LF or CRLF")
            }
            cursor.step(text)
        }
    }

    /// Adds an entry, and goes to the end of its last line or the comment there.
    private static func add(
        _ text: Span<UInt8>,
        _ cursor: inout Cursor,
        _ lines: inout [String: Int],
        to builder: inout MappingBuilder
    ) throws(DocumentError) {
        var name = nameRange(text, &cursor)
        let isExport = text.extracting(name).equals("export")
        if isExport, cursor.index < text.count, isBlank(text[cursor.index]) {
            cursor.skipBlanks(text)
            name = nameRange(text, &cursor)
        }
        let nameEnd = cursor
        cursor.skipBlanks(text)
        guard !name.isEmpty, cursor.index < text.count, text[cursor.index] == UInt8(ascii: "=") else {
            throw nameEnd.error("expected NAME=value, with a name of letters, digits, '_', '-' and '.'")
        }
        var key = ""
        for index in name { key.unicodeScalars.append(UnicodeScalar(text[index])) }
        if let first = lines.updateValue(cursor.line, forKey: key) {
            throw nameEnd.error("\(KStackError.quoted(key)) is on line \(first) already; keep one of the two")
        }
        cursor.index += 1
        cursor.skipBlanks(text)
        let quote = cursor.index < text.count ? text[cursor.index] : 0
        guard quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
            return try builder.append(text.extracting(name), text: text.extracting(unquoted(text, &cursor)))
        }
        let place = try quoted(text, quote, &cursor)
        let value = try mapError(
            DocumentError.memory,
            read(text.extracting(place), hasEscapes: quote == UInt8(ascii: "\""))
        )
        try append(text.extracting(name), value, to: &builder)
    }

    private static func nameRange(_ text: Span<UInt8>, _ cursor: inout Cursor) -> Range<Int> {
        let start = cursor.index
        while cursor.index < text.count, isOfName(text[cursor.index]) { cursor.index += 1 }
        return start..<cursor.index
    }

    /// The range of a value without quotes: up to the white space at the end of the line.
    private static func unquoted(_ text: Span<UInt8>, _ cursor: inout Cursor) throws(DocumentError) -> Range<Int> {
        let first = cursor.index
        var end = first
        while !cursor.isAtLineEnd(text) {
            let byte = text[cursor.index]
            switch byte {
            // Some programs begin a comment here, others take it as part of the value.
            case UInt8(ascii: "#") where cursor.index == first || isBlank(text[cursor.index - 1]):
                throw cursor.error("a '#' in a value; put the value in single quotes")
            case UInt8(ascii: "\\"), UInt8(ascii: "$"), UInt8(ascii: "`"), UInt8(ascii: "\""):
                throw cursor.error("a '\(UnicodeScalar(byte))' in a value; put the value in single quotes")
            case UInt8(ascii: "'"): throw cursor.error("a single quote in a value; put the value in double quotes")
            default: break
            }
            cursor.index += 1
            if !isBlank(byte) { end = cursor.index }
        }
        return first..<end
    }

    /// The range of a quoted value, after which only a comment may follow on its last line.
    private static func quoted(
        _ text: Span<UInt8>,
        _ quote: UInt8,
        _ cursor: inout Cursor
    ) throws(DocumentError) -> Range<Int> {
        let start = cursor
        cursor.index += 1
        while cursor.index < text.count, text[cursor.index] != quote {
            if quote == UInt8(ascii: "\"") {
                try skipEscape(text, &cursor)
            } else if text[cursor.index] == UInt8(ascii: "\\"), cursor.index + 1 < text.count,
                text[cursor.index + 1] == quote
            {
                throw cursor.error(
                    "a backslash before a single quote; put the value in double quotes, with \\\\ for each backslash"
                )
            }
            cursor.step(text)
        }
        guard cursor.index < text.count else { throw start.error("a quote without an end; close it after the value") }
        let place = (start.index + 1)..<cursor.index
        cursor.index += 1
        let end = cursor
        cursor.skipBlanks(text)
        let isComment = cursor.index > end.index && cursor.index < text.count && text[cursor.index] == UInt8(ascii: "#")
        guard cursor.isAtLineEnd(text) || isComment else {
            throw end.error("text after the closing quote; put the whole value into one pair of quotes")
        }
        return place
    }

    /// Moves to the second byte of an escape in double quotes, and refuses what programs would replace there.
    private static func skipEscape(_ text: Span<UInt8>, _ cursor: inout Cursor) throws(DocumentError) {
        switch text[cursor.index] {
        case UInt8(ascii: "\\"):
            guard cursor.index + 1 < text.count, escapes[text[cursor.index + 1]] != nil else {
                throw cursor.error(
                    "a backslash with another meaning than \\n, \\r, \\t, \\\", \\\\ or \\$; put the value in single quotes"
                )
            }
            cursor.index += 1
        case UInt8(ascii: "$"):
            throw cursor.error("a '$' in double quotes; put the value in single quotes, or write \\$")
        case UInt8(ascii: "`"): throw cursor.error("a '`' in double quotes; put the value in single quotes")
        default: break
        }
    }

    /// Decodes the text between quotes; line ends become LF.
    private static func read(_ text: Span<UInt8>, hasEscapes: Bool) throws(SodiumError) -> SecretBytes {
        var value = try SecretBytes(minimumCapacity: text.count)
        var index = 0
        while index < text.count {
            var byte = text[index]
            if hasEscapes, byte == UInt8(ascii: "\\"), let meant = escapes[text[index + 1]] {
                byte = meant
                index += 1
            } else if byte == UInt8(ascii: "\r") {
                index += 1
                continue
            }
            try value.append(byte)
            index += 1
        }
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

    /// Whether a byte may be in a name.
    private static func isOfName(_ byte: UInt8) -> Bool {
        byte.isASCIILetter || byte.isASCIIDigit || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: ".")
    }

    /// Whether a byte is white space in a line; a carriage return is a part of a line end.
    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }
}

extension Span<UInt8> {
    /// Whether these are the bytes of a word.
    fileprivate func equals(_ word: StaticString) -> Bool {
        let word = word.description.utf8
        return count == word.count && zip(indices, word).allSatisfy { self[$0] == $1 }
    }
}
