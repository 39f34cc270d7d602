/// The plaintext name of a file in a vault: one that cannot lead out of its folder.
public struct FileName: Hashable, Sendable {
    /// The name itself.
    public let text: String

    /// How many bytes a name may have, so that there is room for what is put before it.
    package static let longest = 200

    /// Takes a name without separator, `..`, leading dot or control character, of at most 200 bytes.
    ///
    /// - Throws: `invalidArgument`.
    public init(_ text: String) throws(KStackError) {
        guard FileName.isValid(text) else {
            throw KStackError(
                .invalidArgument,
                "invalid file name \(KStackError.quoted(text)): use 1 to \(Self.longest) bytes without '/', '\\', '..', "
                    + "leading dot and control characters"
            )
        }
        self.text = text
    }

    /// Whether a string is a valid file name.
    public static func isValid(_ text: String) -> Bool {
        let bytes = text.utf8
        // U+FFFD replaces what is not UTF-8.
        guard (1...longest).contains(bytes.count), bytes.first != UInt8(ascii: "."),
            !text.unicodeScalars.contains("\u{FFFD}")
        else { return false }
        var previous: UInt8 = 0
        for byte in bytes {
            let isDots = byte == UInt8(ascii: ".") && previous == byte
            if byte == UInt8(ascii: "/") || byte == UInt8(ascii: "\\") || isDots { return false }
            previous = byte
        }
        // Unicode's control characters, without its tables: this runs for each name in a folder.
        return !text.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }
    }
}
