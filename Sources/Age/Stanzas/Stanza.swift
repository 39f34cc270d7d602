/// One recipient stanza of a header: the file key, wrapped for one recipient (C2SP age, section "Recipient stanza").
public struct Stanza: Equatable, Sendable {
    /// The first argument, which says how the file key is wrapped: `X25519`, `scrypt`, ….
    public let type: String

    /// The arguments after the type.
    public let arguments: [String]

    /// The decoded body.
    public let body: [UInt8]

    /// Makes a stanza; it is validated when it is written.
    public init(type: String, arguments: [String], body: [UInt8]) {
        self.type = type
        self.arguments = arguments
        self.body = body
    }

    /// Whether `text` is a valid argument: one or more printing characters, no space.
    static func isArgument(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy(isOfArgument)
    }

    /// Whether a byte may be part of an argument.
    static func isOfArgument(_ byte: UInt8) -> Bool {
        (0x21...0x7e).contains(byte)
    }

    /// The types in a list of stanzas as `AgeError.noMatch` reports them.
    static func types(of stanzas: [Stanza]) -> [String] {
        var types: [String] = []
        for stanza in stanzas where types.count < 16 {
            let type = String(stanza.type.prefix(64))
            if !types.contains(type) { types.append(type) }
        }
        return types
    }
}
