import Sodium

/// The text of a file, rewritten so that libyaml reads it as YAML 1.2 and JSON mean it.
///
/// libyaml reads YAML 1.1, where U+0085, U+2028 and U+2029 break lines and are folded in quotes: other characters
/// replace them while it reads. And it refuses the escapes of surrogate pairs, which JSON uses for characters past
/// U+FFFF: they become one escape of eight digits.
final class YAMLText {
    /// A character of the file, and its substitute: one of the same length that the file does not have.
    struct Substitute {
        let original: [UInt8]
        let replacement: [UInt8]
    }

    /// The text for libyaml.
    private(set) var bytes: SecretBytes

    /// The substitutes to replace again in the strings of libyaml.
    private(set) var substitutes: [Substitute] = []

    /// Where escapes were replaced, in characters; outside of double quotes they are not escapes, and are restored.
    private(set) var pairs = FallibleArray<Int>()

    private static let breaks: [[UInt8]] = [[0xC2, 0x85], [0xE2, 0x80, 0xA8], [0xE2, 0x80, 0xA9]]

    /// Whether libyaml would misread a file.
    static func isNeeded(for yaml: Span<UInt8>) -> Bool {
        for index in yaml.indices {
            switch yaml[index] {
            case UInt8(ascii: "\\"): if isPair(yaml, at: index) { return true }
            case 0xC2, 0xE2: if breaks.contains(where: { hasPrefix($0, yaml, at: index) }) { return true }
            default: continue
            }
        }
        return false
    }

    /// Makes the text.
    ///
    /// - Parameter literal: the pairs that stay unchanged, by their index, in order.
    init(_ yaml: Span<UInt8>, literal: FallibleArray<Int>) throws(DocumentError) {
        bytes = try mapError(DocumentError.memory, SecretBytes(minimumCapacity: yaml.count))
        var used = Characters(of: yaml)
        for original in Self.breaks {
            guard let replacement = used.takeFree(count: original.count) else {
                throw .syntax(line: 1, column: 1, problem: "too many different characters")
            }
            substitutes.append(Substitute(original: original, replacement: replacement))
        }
        var index = 0
        var character = 0
        var pair = 0
        var nextLiteral = 0
        while index < yaml.count {
            let plain = Self.plainCount(yaml, from: index)
            if plain > 0 {
                try append(yaml.part(index..<index + plain))
                index += plain
                character += plain
                continue
            }
            let found = substitutes.first { Self.hasPrefix($0.original, yaml, at: index) }
            if let found {
                try append(found.replacement)
                index += found.original.count
            } else if yaml[index] == UInt8(ascii: "\\"), Self.isPair(yaml, at: index) {
                if nextLiteral < literal.count, literal[nextLiteral] == pair {
                    nextLiteral += 1
                    try append(yaml.part(index..<index + 12))
                    character += 11
                    try note(-1)
                } else {
                    try append(Self.escape(of: yaml, at: index))
                    try note(character)
                    character += 9
                }
                pair += 1
                index += 12
            } else {
                try append(yaml.part(index..<index + 1))
                index += 1
                if index < yaml.count, yaml[index] & 0xC0 == 0x80 { continue }
            }
            character += 1
        }
    }

    /// Restores the characters of the file in a string from `start` on.
    func restore(_ text: inout SecretBytes, from start: Int) {
        var span = text.mutableSpan
        for index in start..<max(start, span.count) where span[index] >= 0x80 {
            for substitute in substitutes where substitute.replacement.count <= span.count - index {
                let replacement = substitute.replacement
                guard replacement.indices.allSatisfy({ span[index + $0] == replacement[$0] }) else { continue }
                for offset in replacement.indices { span[index + offset] = substitute.original[offset] }
            }
        }
    }

    /// How many bytes from an index on are ASCII and not the beginning of an escape.
    private static func plainCount(_ yaml: Span<UInt8>, from index: Int) -> Int {
        var end = index
        while end < yaml.count, yaml[end] < 0x80, yaml[end] != UInt8(ascii: "\\") { end += 1 }
        return end - index
    }

    /// Records the place of a pair.
    private func note(_ character: Int) throws(DocumentError) {
        try mapError(DocumentError.memory, pairs.append(character))
    }

    private func append(_ more: [UInt8]) throws(DocumentError) {
        try append(more.span)
    }

    private func append(_ more: Span<UInt8>) throws(DocumentError) {
        try mapError(DocumentError.memory, bytes.append(more))
    }

    private static func hasPrefix(_ prefix: [UInt8], _ yaml: Span<UInt8>, at index: Int) -> Bool {
        guard prefix.count <= yaml.count - index else { return false }
        for offset in prefix.indices where yaml[index + offset] != prefix[offset] { return false }
        return true
    }

    /// Whether the escapes of a surrogate pair are at an index, the first of them not escaped itself.
    private static func isPair(_ yaml: Span<UInt8>, at index: Int) -> Bool {
        guard let high = unit(yaml, at: index), let low = unit(yaml, at: index + 6),
            0xD800..<0xDC00 ~= high, 0xDC00..<0xE000 ~= low
        else { return false }
        var start = index
        while start > 0, yaml[start - 1] == UInt8(ascii: "\\") { start -= 1 }
        return (index - start).isMultiple(of: 2)
    }

    /// The number in an escape of four digits.
    private static func unit(_ yaml: Span<UInt8>, at index: Int) -> UInt32? {
        guard yaml.count - index >= 6, yaml[index] == UInt8(ascii: "\\"), yaml[index + 1] == UInt8(ascii: "u") else {
            return nil
        }
        return number(yaml.part(index + 2..<index + 6))
    }

    fileprivate static func number(_ digits: Span<UInt8>) -> UInt32? {
        var value: UInt32 = 0
        for index in digits.indices {
            guard let digit = Character(Unicode.Scalar(digits[index])).hexDigitValue else { return nil }
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    /// The one escape for a pair: `\U` and eight digits.
    private static func escape(of yaml: Span<UInt8>, at index: Int) -> [UInt8] {
        let high = (unit(yaml, at: index) ?? 0xD800) - 0xD800
        let low = (unit(yaml, at: index + 6) ?? 0xDC00) - 0xDC00
        let digits = String(0x10000 + (high << 10 | low), radix: 16)
        return Array("\\U".utf8) + Array(repeating: UInt8(ascii: "0"), count: 8 - digits.utf8.count)
            + Array(digits.utf8)
    }
}

/// The possible substitutes that a file has itself, literally or as escapes.
private struct Characters {
    private static let ofTwoBytes: Range<UInt32> = 0x100..<0x300
    private static let ofThreeBytes: Range<UInt32> = 0xE000..<0xF900

    private var two = [Bool](repeating: false, count: ofTwoBytes.count)
    private var three = [Bool](repeating: false, count: ofThreeBytes.count)

    init(of yaml: Span<UInt8>) {
        for index in yaml.indices {
            switch yaml[index] {
            case 0xC0...0xDF where yaml.count - index >= 2:
                insert(UInt32(yaml[index] & 0x1F) << 6 | UInt32(yaml[index + 1] & 0x3F))
            case 0xE0...0xEF where yaml.count - index >= 3:
                insert(
                    UInt32(yaml[index] & 0x0F) << 12 | UInt32(yaml[index + 1] & 0x3F) << 6
                        | UInt32(yaml[index + 2] & 0x3F)
                )
            case UInt8(ascii: "\\") where yaml.count - index >= 2:
                let count = yaml[index + 1] == UInt8(ascii: "u") ? 4 : yaml[index + 1] == UInt8(ascii: "U") ? 8 : 0
                guard count > 0, yaml.count - index >= 2 + count,
                    let value = YAMLText.number(yaml.part(index + 2..<index + 2 + count))
                else { continue }
                insert(value)
            default: continue
            }
        }
    }

    /// Takes an unused character of two or three bytes.
    mutating func takeFree(count: Int) -> [UInt8]? {
        let (flags, range) = count == 2 ? (two, Self.ofTwoBytes) : (three, Self.ofThreeBytes)
        guard let offset = flags.firstIndex(of: false),
            let scalar = Unicode.Scalar(range.lowerBound + UInt32(offset))
        else { return nil }
        insert(scalar.value)
        return Array(String(Character(scalar)).utf8)
    }

    private mutating func insert(_ character: UInt32) {
        if Self.ofTwoBytes.contains(character) { two[Int(character - Self.ofTwoBytes.lowerBound)] = true }
        if Self.ofThreeBytes.contains(character) { three[Int(character - Self.ofThreeBytes.lowerBound)] = true }
    }
}
