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

/// An entry of an encrypted YAML file, which set and unset change.
struct EntryArguments: ParsableArguments {
    @OptionGroup var session: Session

    @Argument(help: "The file, such as layer3/app.yaml.", completion: .vaultFiles)
    var file: VaultFileName

    @Argument(help: "The key, or keys with dots between them.")
    var key: String

    @Option(help: "The team whose recipients the file is written for.")
    var team: String?

    /// Changes the file in memory, and reports it.
    ///
    /// - Parameter edit: takes the plaintext, and the path for errors.
    func change(
        in vault: Vault,
        _ done: String,
        _ edit: (borrowing SecretBytes, String) throws(KStackError) -> SecretBytes
    ) throws(KStackError) {
        let layer = try file.parsedLayer()
        let path = "\(layer.name)/\(file.name)"
        try vault.change(layer, file.name, team: Parsing.name(team, "a team")) { (present) throws(KStackError) in
            try edit(present, path)
        }
        Output.tell("written  \(path): \(done)")
        YAMLFile.tellOfPlaintext(vault, layer, file.name)
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

    @OptionGroup var entry: EntryArguments

    func run() throws {
        try change()
    }

    private func change() throws(KStackError) {
        // First, so that nobody is asked for a value that cannot be written.
        let vault = try entry.session.vault()
        let value = try readValue()
        try entry.change(in: vault, "\(entry.key)") { (present, path) throws(KStackError) in
            try YAMLFile.setting(entry.key, to: value, in: present, path: path)
        }
    }

    /// Reads a value, without the line end that a shell or a person adds.
    private func readValue() throws(KStackError) -> SecretBytes {
        var value: SecretBytes
        if StandardStream.input.isTerminal {
            value = try mapError(KStackError.file, StandardStream.readHidden(prompt: "value of \(entry.key): "))
        } else {
            value = try mapError(KStackError.file, StandardStream.input.readAll(limit: 1 << 20))
        }
        for end in [UInt8(ascii: "\n"), UInt8(ascii: "\r")] where value.count > 0 && value.span[value.count - 1] == end
        {
            value.truncate(to: value.count - 1)
        }
        guard value.count > 0 else {
            throw KStackError(
                .invalidArgument,
                "no value was given, and nothing was changed; to make a value empty use kstack edit"
            )
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

    @OptionGroup var entry: EntryArguments

    func run() throws {
        try entry.change(in: entry.session.vault(), "without \(entry.key)") { (present, path) throws(KStackError) in
            try YAMLFile.removing(entry.key, from: present, path: path)
        }
    }
}
