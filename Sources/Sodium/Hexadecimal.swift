import CSodium

/// Bytes as lower-case hexadecimal digits, by libsodium.
enum Hexadecimal {
    /// Two digits a byte.
    static func text(of bytes: Span<UInt8>) -> String {
        let size = bytes.count * 2 + 1
        return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: size) { text in
            guard let start = text.baseAddress else { return "" }
            return unsafe bytes.withPointer { unsafe String(cString: sodium_bin2hex(start, size, $0, bytes.count)) }
        }
    }

    /// Whether a character is a digit as this writes them.
    static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
