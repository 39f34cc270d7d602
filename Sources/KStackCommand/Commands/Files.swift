import ArgumentParser
import Documents
import KStackAny
import KStackLocal
import Sodium
import System

/// `kstack cat`.
struct Cat: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the plaintext of an encrypted file.",
        discussion: "Example:\n  kstack cat layer3/app.yaml"
    )

    @OptionGroup var session: Session

    @Argument(help: "The file, such as layer3/app.yaml.", completion: .vaultFiles)
    var file: VaultFileName

    @Flag(help: "Send binary files to a terminal, too.")
    var force = false

    func run() throws {
        try show(session.vault())
    }

    private func show(_ vault: Vault) throws(KStackError) {
        let content = try vault.read(file.parsedLayer(), file.name)
        try Output.write(content, force: force, endsLine: false)
    }
}

/// `kstack set`.
struct SetValue: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Set one value of an encrypted YAML file, in memory.",
        discussion: """
            The value comes from standard input, or is asked for without showing it. Comments and order stay.

            Examples:
              kstack set layer3/app.yaml api-key
              pwgen 32 1 | kstack set layer3/cloud-credentials.yaml s3.secret_access_key
            """
    )

    @OptionGroup var session: Session

    @Argument(help: "The file, such as layer3/app.yaml.", completion: .vaultFiles)
    var file: VaultFileName

    @Argument(help: "The key, or keys with dots between them.")
    var key: String

    @Option(help: "The team whose recipients the file is written for.")
    var team: String?

    func run() throws {
        try change(session.vault())
    }

    private func change(_ vault: Vault) throws(KStackError) {
        let layer = try file.parsedLayer()
        let present = try YAMLFile.read(vault, layer, file.name)
        let value = try readValue()
        let changed = try YAMLFile.setting(key, to: value, in: present, path: "\(layer.name)/\(file.name)")
        try vault.write(layer, file.name, changed.span, team: Parsing.name(team, "a team"))
        Output.tell("written  \(layer.name)/\(file.name): \(key)")
    }

    /// A value, without the line end that a shell or a person puts behind it.
    private func readValue() throws(KStackError) -> SecretBytes {
        var value: SecretBytes
        if StandardStream.input.isTerminal {
            value = try inFiles { () throws(FileError) in try StandardStream.readHidden(prompt: "value of \(key): ") }
        } else {
            value = try inFiles { () throws(FileError) in try StandardStream.input.readAll(limit: 1 << 20) }
        }
        for end in [UInt8(ascii: "\n"), UInt8(ascii: "\r")] where value.count > 0 && value.span[value.count - 1] == end
        {
            value.truncate(to: value.count - 1)
        }
        return value
    }
}

/// `kstack unset`.
struct UnsetValue: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unset",
        abstract: "Remove one value of an encrypted YAML file, in memory.",
        discussion: "Example:\n  kstack unset layer3/app.yaml api-key"
    )

    @OptionGroup var session: Session

    @Argument(help: "The file, such as layer3/app.yaml.", completion: .vaultFiles)
    var file: VaultFileName

    @Argument(help: "The key, or keys with dots between them.")
    var key: String

    @Option(help: "The team whose recipients the file is written for.")
    var team: String?

    func run() throws {
        try change(session.vault())
    }

    private func change(_ vault: Vault) throws(KStackError) {
        let layer = try file.parsedLayer()
        let present = try vault.read(layer, file.name)
        let changed = try YAMLFile.removing(key, from: present, path: "\(layer.name)/\(file.name)")
        try vault.write(layer, file.name, changed.span, team: Parsing.name(team, "a team"))
        Output.tell("written  \(layer.name)/\(file.name): without \(key)")
    }
}

/// Changes entries of YAML in memory; comments, order and all other bytes stay.
enum YAMLFile {
    /// The plaintext of a file; empty where there is none yet.
    static func read(_ vault: Vault, _ layer: Layer, _ name: String) throws(KStackError) -> SecretBytes {
        do throws(KStackError) {
            return try vault.read(layer, name)
        } catch {
            guard error.code == .serviceNotFound else { throw error }
            return try Values.inMemory { () throws(SodiumError) in try SecretBytes(count: 0) }
        }
    }

    /// A text in which a key has another value.
    static func setting(
        _ key: String,
        to value: borrowing SecretBytes,
        in yaml: borrowing SecretBytes,
        path: String
    ) throws(KStackError) -> SecretBytes {
        try setting(parts(of: key), to: value, in: yaml, path: path)
    }

    /// The same for a path of keys, which may have dots in them.
    static func setting(
        _ keys: [String],
        to value: borrowing SecretBytes,
        in yaml: borrowing SecretBytes,
        path: String
    ) throws(KStackError) -> SecretBytes {
        let quoted = try quoted(value)
        let found = try find(keys, in: yaml, path: path)
        var changed = try Values.inMemory { () throws(SodiumError) in try SecretBytes(minimumCapacity: yaml.count + 256)
        }
        switch found {
        case .present(_, let place, let isScalar):
            guard isScalar else {
                throw KStackError(
                    .configuration,
                    "\(path): '\(keys.joined(separator: "."))' holds a mapping or a list; name one of its keys"
                )
            }
            try Values.append(yaml.span.extracting(0..<place.lowerBound), to: &changed)
            if place.isEmpty { try Values.append(" ", to: &changed) }
            try Values.append(quoted.span, to: &changed)
            // A block scalar ends with its line.
            let text = yaml.span
            let endsLine = !place.isEmpty && text[place.upperBound - 1] == UInt8(ascii: "\n")
            if endsLine { try Values.append("\n", to: &changed) }
            try Values.append(text.extracting(place.upperBound..<text.count), to: &changed)
        case .absent(let end, let column, let depth):
            let text = yaml.span
            var line = end
            while line < text.count, text[line] != UInt8(ascii: "\n") { line += 1 }
            try Values.append(text.extracting(0..<line), to: &changed)
            if changed.count > 0 { try Values.append("\n", to: &changed) }
            for (index, part) in keys[depth...].enumerated() {
                let indent = String(repeating: " ", count: column + 2 * index)
                try Values.append(
                    "\(indent)\(name(part)):\(depth + index == keys.count - 1 ? " " : "\n")",
                    to: &changed
                )
            }
            try Values.append(quoted.span, to: &changed)
            try Values.append(line < text.count ? "" : "\n", to: &changed)
            try Values.append(text.extracting(line..<text.count), to: &changed)
        case .unreachable(let line): throw unreachable(path, line)
        }
        return try checked(changed, path: path)
    }

    /// A text without an entry.
    static func removing(
        _ key: String,
        from yaml: borrowing SecretBytes,
        path: String
    ) throws(KStackError) -> SecretBytes {
        let text = yaml.span
        switch try find(parts(of: key), in: yaml, path: path) {
        case .present(let entry, _, _):
            var start = entry.lowerBound
            while start > 0, text[start - 1] != UInt8(ascii: "\n") { start -= 1 }
            var end = entry.upperBound
            if end == 0 || text[end - 1] != UInt8(ascii: "\n") {
                while end < text.count, text[end] != UInt8(ascii: "\n") { end += 1 }
                end = min(end + 1, text.count)
            }
            var changed = try Values.inMemory { () throws(SodiumError) in try SecretBytes(minimumCapacity: text.count) }
            try Values.append(text.extracting(0..<start), to: &changed)
            try Values.append(text.extracting(end..<text.count), to: &changed)
            return try checked(changed, path: path)
        case .absent: throw KStackError(.serviceNotFound, "\(path) has no '\(key)'; see kstack cat \(path)")
        case .unreachable(let line): throw unreachable(path, line)
        }
    }

    private static func unreachable(_ path: String, _ line: Int) -> KStackError {
        KStackError(
            .configuration,
            "\(path), line \(line): this is written in braces, or is no mapping; change it with kstack edit \(path)"
        )
    }

    private static func parts(of key: String) throws(KStackError) -> [String] {
        let parts = key.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.allSatisfy({ !$0.isEmpty }) else {
            throw KStackError(
                .invalidArgument,
                "invalid key \(KStackError.quoted(key)): use keys with dots between them"
            )
        }
        return parts
    }

    private static func find(
        _ keys: [String],
        in yaml: borrowing SecretBytes,
        path: String
    ) throws(KStackError) -> YAMLEntry {
        do throws(DocumentError) {
            // What no look-up could read is told before anything is changed.
            _ = try Document.parse(yaml: yaml.span)
            return try YAMLEntry.find(keys, in: yaml.span)
        } catch {
            throw KStackError(.configuration, "\(path): \(error.description)")
        }
    }

    /// What was changed is read as a look-up will read it.
    private static func checked(_ yaml: consuming SecretBytes, path: String) throws(KStackError) -> SecretBytes {
        do throws(DocumentError) {
            _ = try Document.parse(yaml: yaml.span)
        } catch {
            throw KStackError(
                .configuration,
                "\(path): cannot be changed there (\(error.description)); use kstack edit"
            )
        }
        return yaml
    }

    /// A key as YAML, in quotes where it needs them.
    private static func name(_ key: String) -> String {
        let isPlain = key.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || (0x30...0x39).contains(byte)
                || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
        }
        return isPlain && key.utf8.first != UInt8(ascii: "-") ? key : "'\(key.replacing("'", with: "''"))'"
    }

    /// A value in double quotes, as JSON and YAML have it.
    private static func quoted(_ value: borrowing SecretBytes) throws(KStackError) -> SecretBytes {
        let form: SecretBytes?
        do throws(DocumentError) {
            var builder = try MappingBuilder()
            try builder.append("v".utf8.span, text: value.span)
            form = try builder.finish().root["v"]?.json()
        } catch {
            throw KStackError(.internal, error.description)
        }
        guard let form else { throw KStackError(.invalidArgument, "the value is not UTF-8, which YAML cannot hold") }
        return form
    }
}
