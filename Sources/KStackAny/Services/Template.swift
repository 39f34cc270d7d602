import Sodium

/// Replaces `{{…}}` in strings of configuration.
struct Template {
    /// The known names, for messages.
    static let names = ["layer.namespace", "layer.number", "layer.name", "environment"]

    /// A piece of a string, by its place.
    private enum Piece {
        case text(Range<Int>)
        case name(Range<Int>)
        case open
    }

    /// The layer that is asked for.
    let layer: Layer

    /// The environment that is asked for.
    let environment: Name

    /// The string with every name replaced; unknown names stay as they are.
    ///
    /// For short strings: names and addresses.
    func expand(_ text: String) -> String {
        var result: [UInt8] = []
        expand(text.utf8.span) { piece in
            for index in piece.indices { result.append(piece[index]) }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// As above, for a string of any length, added to the end of some bytes.
    func expand(_ text: Span<UInt8>, into result: inout SecretBytes) throws(SodiumError) {
        try expand(text) { (piece) throws(SodiumError) in try result.append(piece) }
    }

    private func expand<Failure: Error>(
        _ text: Span<UInt8>,
        _ add: (Span<UInt8>) throws(Failure) -> Void
    ) throws(Failure) {
        try Self.forEachPiece(of: text) { (piece) throws(Failure) in
            switch piece {
            case .text(let place): try add(text.extracting(place))
            case .name(let place):
                if let value = value(of: Self.name(at: place, in: text)) {
                    try add(value.utf8.span)
                } else {
                    try add("{{".utf8.span)
                    try add(text.extracting(place))
                    try add("}}".utf8.span)
                }
            case .open: try add("{{".utf8.span)
            }
        }
    }

    /// Whether every `{{…}}` of a string is a known name.
    static func isSound(_ text: String) -> Bool { isSound(text.utf8.span) }

    /// As above, for a string of any length.
    static func isSound(_ text: Span<UInt8>) -> Bool {
        var isSound = true
        forEachPiece(of: text) { piece in
            switch piece {
            case .text: break
            case .name(let place): isSound = isSound && names.contains(name(at: place, in: text))
            case .open: isSound = false
            }
        }
        return isSound
    }

    private func value(of name: String) -> String? {
        switch name {
        case "layer.namespace": layer.namespace
        case "layer.number": "\(layer.number)"
        case "layer.name": layer.name
        case "environment": environment.text
        default: nil
        }
    }

    /// The name in a pair of braces; empty where it is longer than any name.
    private static func name(at place: Range<Int>, in text: Span<UInt8>) -> String {
        guard place.count <= 64 else { return "" }
        return String(decoding: place.map { text[$0] }, as: UTF8.self)
    }

    /// Splits a string into pieces; spaces inside the braces are ignored.
    private static func forEachPiece<Failure: Error>(
        of text: Span<UInt8>,
        _ body: (Piece) throws(Failure) -> Void
    ) throws(Failure) {
        var rest = 0
        while let start = firstPair(UInt8(ascii: "{"), in: text, from: rest) {
            try body(.text(rest..<start))
            rest = start + 2
            guard let end = firstPair(UInt8(ascii: "}"), in: text, from: rest) else {
                try body(.open)
                break
            }
            var name = rest..<end
            while let first = name.first, text[first] == UInt8(ascii: " ") { name = name.dropFirst() }
            while let last = name.last, text[last] == UInt8(ascii: " ") { name = name.dropLast() }
            try body(.name(name))
            rest = end + 2
        }
        try body(.text(rest..<text.count))
    }

    /// The index of the first two adjacent occurrences of a byte.
    private static func firstPair(_ byte: UInt8, in text: Span<UInt8>, from start: Int) -> Int? {
        var index = start
        while index + 1 < text.count {
            if text[index] == byte, text[index + 1] == byte { return index }
            index += 1
        }
        return nil
    }
}
