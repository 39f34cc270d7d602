import Sodium

/// Puts credentials together out of names and values, which may be any bytes.
public struct CredentialsBuilder: ~Copyable {
    private var arena: SecretBytes
    private var json: SecretBytes
    private var isText = true
    private var places: [(name: Range<Int>, value: Range<Int>)] = []

    /// Makes one that holds nothing yet.
    public static func make() throws(KStackError) -> CredentialsBuilder {
        // Not an initialiser: one that throws may not leave a value half made that cannot be copied.
        let arena = try KStackError.inMemory { () throws(SodiumError) in try SecretBytes(minimumCapacity: 1024) }
        let json = try KStackError.inMemory { () throws(SodiumError) in try SecretBytes(minimumCapacity: 1024) }
        return CredentialsBuilder(arena: arena, json: json)
    }

    private init(arena: consuming SecretBytes, json: consuming SecretBytes) {
        self.arena = arena
        self.json = json
    }

    /// How many pairs there are.
    public var count: Int { places.count }

    /// Adds a pair; names are told apart by the caller.
    public mutating func append(name: Span<UInt8>, value: Span<UInt8>) throws(KStackError) {
        let namePlace = try arena.appendText(name)
        let valuePlace = try arena.appendText(value)
        isText = isText && (try? UTF8Span(validating: name)) != nil && (try? UTF8Span(validating: value)) != nil
        if isText {
            do throws(SodiumError) {
                try json.append(UInt8(ascii: places.isEmpty ? "{" : ","))
                try json.append(jsonText: name)
                try json.append(UInt8(ascii: ":"))
                try json.append(jsonText: value)
            } catch {
                throw KStackError(error)
            }
        }
        places.append((namePlace, valuePlace))
    }

    /// The credentials, which say where they are from.
    public consuming func finish(source: String) throws(KStackError) -> Credentials {
        let places = places
        let isText = isText
        var arena = arena
        var json = json
        let sourcePlace = try arena.appendText(source.utf8.span)
        var jsonPlace: Range<Int>?
        if isText {
            do throws(SodiumError) {
                if places.isEmpty { try json.append(UInt8(ascii: "{")) }
                try json.append(UInt8(ascii: "}"))
            } catch {
                throw KStackError(error)
            }
            jsonPlace = try arena.appendText(json.span)
        }
        return Credentials(places: places, json: jsonPlace, source: sourcePlace, arena: arena)
    }
}

extension SecretBytes {
    /// Adds a text, which is UTF-8, as a JSON string.
    fileprivate mutating func append(jsonText text: Span<UInt8>) throws(SodiumError) {
        try append(UInt8(ascii: "\""))
        for index in text.indices {
            let byte = text[index]
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                try append(UInt8(ascii: "\\"))
                try append(byte)
            case 0..<0x20:
                try append(utf8: "\\u00")
                try append(Self.hexadecimal(byte >> 4))
                try append(Self.hexadecimal(byte & 15))
            default:
                try append(byte)
            }
        }
        try append(UInt8(ascii: "\""))
    }

    private static func hexadecimal(_ digit: UInt8) -> UInt8 {
        digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "A") + (digit - 10)
    }
}
