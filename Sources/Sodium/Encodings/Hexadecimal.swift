import CSodium

/// Bytes as lower-case hexadecimal digits, by libsodium.
public enum Hexadecimal {
    /// The digits of bytes, two for each.
    public static func text(of bytes: Span<UInt8>) -> String {
        let size = bytes.count * 2 + 1
        return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: size) { text in
            guard let start = text.baseAddress else { return "" }
            return unsafe bytes.withPointer { unsafe String(cString: sodium_bin2hex(start, size, $0, bytes.count)) }
        }
    }

    /// Decodes digits; empty where one of them is not a digit.
    static func bytes(of text: String) throws(SodiumError) -> SecretBytes {
        var bytes = try SecretBytes(count: text.utf8.count / 2)
        let size = bytes.count
        let status = unsafe bytes.withMutablePointer { start in
            unsafe sodium_hex2bin(start, size, text, text.utf8.count, nil, nil, nil)
        }
        if status != 0 { bytes.truncate(to: 0) }
        return bytes
    }

    /// Whether a string is `count` lower-case digits.
    static func areDigits(_ text: String, count: Int) -> Bool {
        text.utf8.count == count && text.utf8.allSatisfy(isDigit)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
