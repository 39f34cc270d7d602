import Sodium

/// The key of a value in a config map or a Secret.
///
/// Source: `IsConfigMapKey` of the API server's validation.
public struct ConfigMapKey: Sendable {
    /// The key itself.
    public let text: String

    /// How many characters a key may have.
    private static let longest = 253

    /// Takes letters, digits, hyphens, dots and underscores, 1 to 253, but neither `.` nor what begins with `..`.
    ///
    /// - Throws: `invalidArgument`.
    public init(_ text: String) throws(KStackError) {
        guard ConfigMapKey.isValid(text) else {
            throw KStackError(
                .invalidArgument,
                "invalid config map key \(KStackError.quoted(text)): use 1 to \(Self.longest) letters, digits, '-', "
                    + "'.' and '_', but neither '.' alone nor '..' at the beginning"
            )
        }
        self.text = text
    }

    /// Whether a string is a valid key.
    public static func isValid(_ text: String) -> Bool {
        (1...longest).contains(text.utf8.count) && text != "." && !text.utf8.starts(with: "..".utf8)
            && text.utf8.allSatisfy { byte in
                byte.isASCIILetter || byte.isASCIIDigit || byte == UInt8(ascii: "-")
                    || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
            }
    }
}
