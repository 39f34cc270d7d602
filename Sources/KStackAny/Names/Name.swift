import Sodium

/// A name of an environment, a service, a team, a route or a provider: it holds nothing that a path or a URL could
/// mistake for syntax.
public struct Name: Hashable, Sendable {
    /// The name itself.
    public let text: String

    /// How many characters a label may have.
    private static let longest = 63

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
                "invalid \(Self.noun(kind)) name \(KStackError.quoted(text)): use 1-\(Self.longest) lower-case letters, "
                    + "digits and hyphens (not first or last)"
            )
        }
        self.text = text
    }

    /// What is named, without its article.
    private static func noun(_ kind: String) -> String {
        kind.split(separator: " ", maxSplits: 1).last.map(String.init) ?? kind
    }

    /// Whether a string is a valid name.
    public static func isValid(_ text: String) -> Bool {
        let hyphen = UInt8(ascii: "-")
        let bytes = text.utf8
        guard (1...longest).contains(bytes.count), bytes.first != hyphen, bytes.last != hyphen else { return false }
        return bytes.allSatisfy { $0.isASCIILowerCase || $0.isASCIIDigit || $0 == hyphen }
    }
}
