import ArgumentParser
import Documents
import KStackAny
import Sodium

/// The output format of values.
enum Format: String, ExpressibleByArgument, CaseIterable {
    case json
    case env
    case yaml
    case aws
}

/// Values in the forms that programs take.
enum Values {
    /// All values of credentials, in a format.
    static func text(of credentials: Credentials, _ format: Format) throws(KStackError) -> SecretBytes {
        switch format {
        case .json: return try json(of: credentials, "\n")
        case .aws:
            var text = try AWSKeys.json(of: credentials)
            try append("\n", to: &text)
            return text
        case .env: return try environment(credentials)
        case .yaml: return try yaml(credentials)
        }
    }

    private static func json(of credentials: Credentials, _ end: String) throws(KStackError) -> SecretBytes {
        guard let place = credentials.json else {
            throw KStackError(.configuration, "a value is not UTF-8, so it has no JSON form; ask for it by name")
        }
        var text = try credentials.copy(of: place)
        try append(end, to: &text)
        return text
    }

    /// `NAME='value'` lines for a shell, by the rule of `kstack_credentials_environ`.
    private static func environment(_ credentials: Credentials) throws(KStackError) -> SecretBytes {
        let variables = try EnvironmentVariables.variables(of: credentials)
        var text = try mapError(KStackError.memory, SecretBytes(minimumCapacity: 1024))
        for position in 0..<variables.count {
            guard let place = variables.value(at: position) else { continue }
            let value = try variables.copy(of: place)
            try append("\(variables.nameText(at: position))='", to: &text)
            let bytes = value.span
            for index in bytes.indices {
                if bytes[index] == UInt8(ascii: "'") {
                    try append("'\\''", to: &text)
                } else {
                    try append(bytes.extracting(index..<index + 1), to: &text)
                }
            }
            try append("'\n", to: &text)
        }
        return text
    }

    /// A line for each value, which is written as in JSON: that is valid YAML, too, but for a few characters.
    private static func yaml(_ credentials: Credentials) throws(KStackError) -> SecretBytes {
        let json = try json(of: credentials, "")
        let document = try mapError(KStackError.document, Document.parse(json: json.span))
        var text = try mapError(KStackError.memory, SecretBytes(minimumCapacity: json.count))
        for position in 0..<document.root.count {
            guard let (key, value) = document.root.entry(at: position) else { continue }
            let form = try mapError(KStackError.document, value.json())
            guard let form else { continue }
            let name = quoted(key.string ?? "")
            // Readers need '?' before a longer key.
            try append(name.utf8.count > 1000 ? "? \(name)\n: " : "\(name): ", to: &text)
            try appendEscaping(form.span, to: &text)
            try append("\n", to: &text)
        }
        return text
    }

    /// Words that are not strings in YAML 1.1 or 1.2.
    private static let words: Set = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"]

    /// A key in double quotes where it needs them.
    static func quoted(_ key: String) -> String {
        let isPlain = key.utf8.allSatisfy { byte in
            byte.isASCIILetter || byte.isASCIIDigit || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
        }
        if isPlain, let first = key.utf8.first, first.isASCIILetter, !words.contains(key.lowercased()) {
            return key
        }
        var text = "\""
        for scalar in key.unicodeScalars {
            switch scalar {
            case "\"", "\\": text += "\\\(scalar)"
            case _ where scalar.value < 0x20 || escaped.contains(where: { $0.contains(scalar.value) }):
                text += escape(scalar.value)
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }

    /// Characters that JSON does not escape, and YAML takes for line ends or refuses.
    private static let escaped: [ClosedRange<UInt32>] = [
        0x7F...0x9F, 0x2028...0x2029, 0xFEFF...0xFEFF, 0xFFFE...0xFFFF,
    ]

    /// An escape that JSON and YAML share.
    private static func escape(_ scalar: UInt32) -> String {
        let digits = String(scalar, radix: 16, uppercase: true)
        return "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
    }

    /// Adds JSON, with escapes for what YAML reads differently.
    static func appendEscaping(_ json: Span<UInt8>, to text: inout SecretBytes) throws(KStackError) {
        var start = 0
        var index = 0
        while index < json.count {
            let length = json[index] < 0xC0 ? 1 : json[index] < 0xE0 ? 2 : json[index] < 0xF0 ? 3 : 4
            let next = min(index + length, json.count)
            var scalar = length == 1 ? UInt32(json[index]) : UInt32(json[index]) & (0x7F >> UInt32(length))
            for more in (index + 1)..<max(next, index + 1) { scalar = scalar << 6 | UInt32(json[more] & 0x3F) }
            if length < 4, escaped.contains(where: { $0.contains(scalar) }) {
                try append(json.extracting(start..<index), to: &text)
                try append(escape(scalar), to: &text)
                start = next
            }
            index = next
        }
        try append(json.extracting(start..<json.count), to: &text)
    }

    static func append(_ more: String, to text: inout SecretBytes) throws(KStackError) {
        try mapError(KStackError.memory, text.append(utf8: more))
    }

    static func append(_ more: Span<UInt8>, to text: inout SecretBytes) throws(KStackError) {
        try mapError(KStackError.memory, text.append(more))
    }
}
