import ArgumentParser
import Documents
import KStackAny
import Sodium

/// How values are written.
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
            throw KStackError(.configuration, "a value is not UTF-8, so there is no JSON form; ask for it by name")
        }
        var text = try credentials.copy(of: place)
        try append(end, to: &text)
        return text
    }

    /// `NAME='value'` lines for a shell, by the rule of `kstack_credentials_environ`.
    private static func environment(_ credentials: Credentials) throws(KStackError) -> SecretBytes {
        let variables = try EnvironmentVariables.variables(of: credentials)
        var text = try inMemory { () throws(SodiumError) in try SecretBytes(minimumCapacity: 1024) }
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

    /// A line a value; each value is in JSON's form, which is YAML as well.
    private static func yaml(_ credentials: Credentials) throws(KStackError) -> SecretBytes {
        let json = try json(of: credentials, "")
        let document: Document
        do throws(DocumentError) {
            document = try Document.parse(json: json.span)
        } catch {
            throw KStackError(.internal, error.description)
        }
        var text = try inMemory { () throws(SodiumError) in try SecretBytes(minimumCapacity: json.count) }
        for position in 0..<document.root.count {
            guard let (key, value) = document.root.entry(at: position) else { continue }
            let form: SecretBytes?
            do throws(DocumentError) {
                form = try value.json()
            } catch {
                throw KStackError(.internal, error.description)
            }
            guard let form else { continue }
            try append("\(quoted(key.string ?? "")): ", to: &text)
            try append(form.span, to: &text)
            try append("\n", to: &text)
        }
        return text
    }

    /// A key in double quotes where it needs them.
    private static func quoted(_ key: String) -> String {
        let isPlain = key.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
                || byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte)
        }
        if isPlain, let first = key.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first | 0x20) {
            return key
        }
        return "\"" + key.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    static func append(_ more: String, to text: inout SecretBytes) throws(KStackError) {
        do throws(SodiumError) {
            try text.append(utf8: more)
        } catch {
            throw KStackError(error)
        }
    }

    static func append(_ more: Span<UInt8>, to text: inout SecretBytes) throws(KStackError) {
        do throws(SodiumError) {
            try text.append(more)
        } catch {
            throw KStackError(error)
        }
    }

    static func inMemory<Result: ~Copyable>(
        _ body: () throws(SodiumError) -> Result
    ) throws(KStackError) -> Result {
        try KStackError.inMemory(body)
    }
}
