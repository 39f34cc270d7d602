/// A name of an environment, a service, a team, a route or a provider: it holds nothing that a path or a URL could
/// mistake for syntax.
public struct Name: Hashable, Sendable {
    /// The name itself.
    public let text: String

    /// Takes a name of lower-case letters, digits and inner hyphens, 1 to 63 characters (a label of RFC 1123).
    ///
    /// - Parameters:
    ///   - text: the name.
    ///   - kind: what it names, for the message.
    /// - Throws: `invalidArgument`.
    public init(_ text: String, kind: String) throws(KStackError) {
        guard Name.isValid(text) else {
            throw KStackError(
                .invalidArgument,
                "\(KStackError.quoted(text)) is no name of \(kind): use 1 to 63 lower-case letters, digits and inner "
                    + "hyphens"
            )
        }
        self.text = text
    }

    /// Whether a text has the grammar of a name.
    public static func isValid(_ text: String) -> Bool {
        let hyphen = UInt8(ascii: "-")
        let bytes = text.utf8
        guard (1...63).contains(bytes.count), bytes.first != hyphen, bytes.last != hyphen else { return false }
        return bytes.allSatisfy { isLowerCaseLetterOrDigit($0) || $0 == hyphen }
    }

    private static func isLowerCaseLetterOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
