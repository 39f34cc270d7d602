import Sodium

/// Writing headers.
extension Header {
    /// The header for `stanzas`, MAC included.
    ///
    /// - Throws: `header` where a stanza does not fit the grammar, or the header would be too large to be read;
    ///   `memory`.
    static func text(of stanzas: [Stanza], key: borrowing FileKey) throws(AgeError) -> [UInt8] {
        guard !stanzas.isEmpty else { throw .header(reason: "no recipient") }
        guard stanzas.count <= stanzaLimit else { throw .header(reason: "too many recipients") }
        var text = Array(versionLine.utf8)
        for stanza in stanzas { try append(stanza, to: &text) }
        text.append(contentsOf: "---".utf8)
        let mac = try key.mac(over: text.span)
        text.append(UInt8(ascii: " "))
        Base64.encode(mac.span, into: &text)
        text.append(UInt8(ascii: "\n"))
        guard text.count <= sizeLimit else { throw .header(reason: "the header is too long") }
        return text
    }

    /// Adds the lines of one stanza.
    private static func append(_ stanza: Stanza, to text: inout [UInt8]) throws(AgeError) {
        guard Stanza.isArgument(stanza.type), stanza.arguments.allSatisfy(Stanza.isArgument) else {
            throw .header(reason: "a stanza's argument is empty or has an invalid character")
        }
        text.append(contentsOf: "-> ".utf8)
        text.append(contentsOf: stanza.type.utf8)
        for argument in stanza.arguments {
            text.append(UInt8(ascii: " "))
            text.append(contentsOf: argument.utf8)
        }
        text.append(UInt8(ascii: "\n"))
        var body: [UInt8] = []
        Base64.encode(stanza.body.span, into: &body)
        // The last line is short, and empty where the one before it was full.
        var start = 0
        while body.count - start >= columns {
            text.append(contentsOf: body[start..<start + columns])
            text.append(UInt8(ascii: "\n"))
            start += columns
        }
        text.append(contentsOf: body[start...])
        text.append(UInt8(ascii: "\n"))
    }
}
