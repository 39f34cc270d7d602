import Sodium

/// Writing headers.
extension Header {
    /// The header for `stanzas`, MAC included.
    ///
    /// - Throws: `header` where a stanza is invalid, or the header would be too large to be read;
    ///   `memory`.
    static func text(of stanzas: [Stanza], key: borrowing FileKey) throws(AgeError) -> FallibleArray<UInt8> {
        guard !stanzas.isEmpty else { throw .header(reason: "no recipient") }
        guard stanzas.count <= stanzaLimit else { throw .header(reason: "too many recipients") }
        var text = FallibleArray<UInt8>()
        try append(versionLine, to: &text)
        for stanza in stanzas {
            try append(stanza, to: &text)
            guard text.count <= sizeLimit else { throw .header(reason: "the header is too long") }
        }
        try append("---", to: &text)
        let mac = try key.mac(over: text.span)
        var code: [UInt8] = []
        Base64.encode(mac.span, into: &code)
        try append(" \(String(decoding: code, as: UTF8.self))\n", to: &text)
        guard text.count <= sizeLimit else { throw .header(reason: "the header is too long") }
        return text
    }

    /// Adds the lines of one stanza.
    private static func append(_ stanza: Stanza, to text: inout FallibleArray<UInt8>) throws(AgeError) {
        guard Stanza.isArgument(stanza.type), stanza.arguments.allSatisfy(Stanza.isArgument) else {
            throw .header(reason: "a stanza's argument is empty or has an invalid character")
        }
        try append("-> \(stanza.type)", to: &text)
        for argument in stanza.arguments { try append(" \(argument)", to: &text) }
        try append("\n", to: &text)
        var body: [UInt8] = []
        Base64.encode(stanza.body.span, into: &body)
        // The last line is short, and empty where the one before it was full.
        var start = 0
        while body.count - start >= columns {
            try append("\(String(decoding: body[start..<start + columns], as: UTF8.self))\n", to: &text)
            start += columns
        }
        try append("\(String(decoding: body[start...], as: UTF8.self))\n", to: &text)
    }

    private static func append(_ more: String, to text: inout FallibleArray<UInt8>) throws(AgeError) {
        try mapError(AgeError.memory, text.append(contentsOf: more.utf8))
    }
}
