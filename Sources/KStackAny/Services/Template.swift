/// What `{{…}}` in a text of configuration stands for.
struct Template {
    /// The names that there are, for messages.
    static let names = ["layer.namespace", "layer.number", "layer.name", "environment"]

    /// A piece of a text.
    private enum Piece {
        case text(Substring)
        case name(String)
        case open
    }

    /// The layer that is asked for.
    let layer: Layer

    /// The environment that is asked for.
    let environment: Name

    /// The text with every name replaced; unknown names stay as they are.
    func expand(_ text: String) -> String {
        var result = ""
        for piece in Self.pieces(of: text) {
            switch piece {
            case .text(let text): result += text
            case .name(let name): result += value(of: name) ?? "{{\(name)}}"
            case .open: result += "{{"
            }
        }
        return result
    }

    /// Whether every `{{…}}` of a text is a name that is known.
    static func isSound(_ text: String) -> Bool {
        pieces(of: text).allSatisfy { piece in
            switch piece {
            case .text: true
            case .name(let name): names.contains(name)
            case .open: false
            }
        }
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

    /// A text taken apart; spaces inside of the braces do not count.
    private static func pieces(of text: String) -> [Piece] {
        var result: [Piece] = []
        var rest = text[...]
        while let start = firstPair(UInt8(ascii: "{"), in: rest) {
            result.append(.text(rest[..<start.lowerBound]))
            rest = rest[start.upperBound...]
            guard let end = firstPair(UInt8(ascii: "}"), in: rest) else {
                result.append(.open)
                break
            }
            let inner = rest[..<end.lowerBound].utf8
            let trimmed = inner.drop { $0 == UInt8(ascii: " ") }.reversed().drop { $0 == UInt8(ascii: " ") }.reversed()
            result.append(.name(String(decoding: Array(trimmed), as: UTF8.self)))
            rest = rest[end.upperBound...]
        }
        result.append(.text(rest))
        return result
    }

    /// Where a byte first stands twice.
    private static func firstPair(_ byte: UInt8, in text: Substring) -> Range<String.Index>? {
        var index = text.utf8.startIndex
        while index < text.utf8.endIndex {
            let next = text.utf8.index(after: index)
            guard next < text.utf8.endIndex else { return nil }
            if text.utf8[index] == byte, text.utf8[next] == byte { return index..<text.utf8.index(after: next) }
            index = next
        }
        return nil
    }
}
