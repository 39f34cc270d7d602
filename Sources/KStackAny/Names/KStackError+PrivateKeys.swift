extension KStackError {
    private static let keyPrefix = Array("AGE-SECRET-KEY-".utf8)

    /// More than what a message says of the beginning of a key, and less than any key has.
    private static let shortestKey = 5

    /// Whether a string from outside holds a private key of age, or the beginning of one, in upper or lower case.
    public static func holdsPrivateKey(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.indices.contains { isKeyPrefix(bytes, at: $0) }
    }

    /// The same string with an ellipsis in place of each private key: the last guard of all that is shown.
    public static func withoutPrivateKeys(_ text: String) -> String {
        guard holdsPrivateKey(text) else { return text }
        let bytes = Array(text.utf8)
        var shown: [UInt8] = []
        var index = 0
        while index < bytes.count {
            guard isKeyPrefix(bytes, at: index) else {
                shown.append(bytes[index])
                index += 1
                continue
            }
            let start = index + keyPrefix.count
            let end = bytes[start...].firstIndex { !isKeyCharacter($0) } ?? bytes.count
            shown += bytes[index..<start]
            shown += end - start < shortestKey ? Array(bytes[start..<end]) : Array("…".utf8)
            index = end
        }
        return String(decoding: shown, as: UTF8.self)
    }

    private static func isKeyPrefix(_ bytes: [UInt8], at index: Int) -> Bool {
        bytes.count - index >= keyPrefix.count
            && zip(bytes[index...], keyPrefix).allSatisfy { upperCase($0) == $1 }
    }

    private static func isKeyCharacter(_ byte: UInt8) -> Bool {
        switch upperCase(byte) {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
        default: false
        }
    }

    private static func upperCase(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) ? byte & 0xDF : byte
    }
}
