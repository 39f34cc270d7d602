/// Base64 as in RFC 4648, section 4, canonical only (section 3.5); for bytes that are no secret.
enum Base64 {
    /// The characters in the order of RFC 4648, table 1.
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The six bits that a character stands for; nil for a character outside the alphabet.
    private static func sextet(_ character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }

    /// Adds the characters for `bytes` to `text`, without padding.
    static func encode(_ bytes: Span<UInt8>, into text: inout [UInt8]) {
        var bits: UInt32 = 0
        var count = 0
        for index in bytes.indices {
            bits = bits << 8 | UInt32(bytes[index])
            count += 8
            while count >= 6 {
                count -= 6
                text.append(alphabet[Int(bits >> UInt32(count) & 63)])
            }
        }
        if count > 0 { text.append(alphabet[Int(bits << UInt32(6 - count) & 63)]) }
    }

    /// Adds the bytes that unpadded `text` stands for to `bytes`.
    ///
    /// - Returns: false if `text` is not canonical; some bytes may have been added then.
    static func decode(_ text: Span<UInt8>, into bytes: inout [UInt8]) -> Bool {
        // One character alone is no byte: RFC 4648, section 4, ends in two, three or four.
        guard text.count % 4 != 1 else { return false }
        var bits: UInt32 = 0
        var count = 0
        for index in text.indices {
            guard let sextet = sextet(text[index]) else { return false }
            bits = bits << 6 | sextet
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        // What is left over has to be zero.
        return bits & (1 << UInt32(count) - 1) == 0
    }

    /// As `decode`, for a string that ends in padding up to a multiple of four characters.
    static func decodePadded(_ text: Span<UInt8>, into bytes: inout [UInt8]) -> Bool {
        guard text.count % 4 == 0 else { return false }
        var length = text.count
        while length > 0, text.count - length < 2, text[length - 1] == UInt8(ascii: "=") { length -= 1 }
        return decode(text.extracting(first: length), into: &bytes)
    }

    /// The bytes of a header argument, if there are exactly `count`; nil otherwise.
    static func bytes(of argument: String, count: Int) -> [UInt8]? {
        guard argument.utf8.count == (count * 4 + 2) / 3 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        let text = Array(argument.utf8)
        guard decode(text.span, into: &bytes), bytes.count == count else { return nil }
        return bytes
    }
}
