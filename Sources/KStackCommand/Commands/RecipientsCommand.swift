import Age
import ArgumentParser
import KStack
import KStackAny
import KStackLocal
import System

/// `kstack recipients`.
struct RecipientsCommand: ParsableCommand {
    /// What to do.
    enum Action: String, ExpressibleByArgument, CaseIterable {
        case list
        case add
        case remove
    }

    static let configuration = CommandConfiguration(
        commandName: "recipients",
        abstract: "List, add or remove the people who can read a team's files.",
        discussion: """
            Examples:
              kstack recipients
              kstack recipients add age1… --name ben
              kstack recipients remove ben
            """
    )

    @OptionGroup var session: Session

    @Argument(help: "list, add or remove.")
    var action = Action.list

    @Argument(help: "A public key, or for remove also a name.")
    var key: String?

    @Option(help: "Whose key it is; a comment in the file.")
    var name: String?

    @Option(help: "The team; default: team of .kstack.yaml, else dev.")
    var team: String?

    func run() throws {
        let container = try session.container()
        let vault = try container.openVault(session.namedEnvironment())
        let file = try vault.recipientsFile(of: Parsing.name(team, "a team"))
        let text = try ProjectFiles.read(file) ?? ""
        switch action {
        case .list:
            for entry in Self.entries(of: text) {
                Output.line("\(entry.key)\(entry.name.isEmpty ? "" : "  # \(entry.name)")")
            }
        case .add: try add(to: file, text, container)
        case .remove: try remove(from: file, text, container)
        }
    }

    private func add(to file: String, _ text: String, _ container: Container) throws {
        guard let key else { throw ValidationError("give the public key, age1…") }
        do throws(AgeError) {
            _ = try X25519Recipient(bech32: key)
        } catch {
            throw KStackError(error, path: "the key")
        }
        guard !Self.entries(of: text).contains(where: { $0.key == key }) else {
            Output.tell("kept  \(file): the key is in it")
            return
        }
        if let name, name.contains(where: \.isNewline) { throw ValidationError("a name is one line") }
        let comment = name.map { "# \($0)\n" } ?? ""
        let start = text.isEmpty || text.hasSuffix("\n") ? text : text + "\n"
        try ProjectFiles.write("\(start)\(comment)\(key)\n", file)
        Output.tell(
            "added to \(file). Until you run the following, the new key opens only what is encrypted from now on:"
        )
        try tellToRekey(container)
    }

    private func remove(from file: String, _ text: String, _ container: Container) throws {
        guard let key else { throw ValidationError("give the public key, or the name") }
        let gone = Self.entries(of: text).filter { $0.key == key || $0.name == key }
        guard !gone.isEmpty else {
            let names = Self.entries(of: text).map { $0.name.isEmpty ? $0.key : $0.name }
            throw KStackError(
                .serviceNotFound,
                "nobody has the key or the name \(KStackError.quoted(key)) in \(file); available: "
                    + KStackError.listing(names, of: names.count)
            )
        }
        let keys = Set(gone.map(\.key))
        var kept: [Substring] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if keys.contains(String(line).trimmed) {
                // The comment before a key goes with it.
                if let last = kept.last, last.hasPrefix("#") { kept.removeLast() }
            } else {
                kept.append(line)
            }
        }
        try ProjectFiles.write(kept.joined(separator: "\n"), file)
        Output.tell("removed from \(file). Until you run the following, the key opens all that it opened:")
        try tellToRekey(container)
        Output.tell("git's history stays readable with the removed key, so change the secrets in:")
        for environment in try container.local.secrets.environments() {
            let vault = try container.openVault(Name(environment, kind: "an environment"))
            for path in try vault.encryptedFiles(of: Layer.allCases) { Output.line("\(environment)/\(path)") }
        }
    }

    /// The recipients are those of all environments.
    private func tellToRekey(_ container: Container) throws(KStackError) {
        for environment in try container.local.secrets.environments() {
            Output.tell("  kstack rekey --environment \(environment)")
        }
    }

    /// The keys of a file, each with the comment on the line before.
    private static func entries(of text: String) -> [(key: String, name: String)] {
        var name = ""
        var found: [(String, String)] = []
        for line in text.split(whereSeparator: \.isNewline).map({ String($0).trimmed }) {
            if line.hasPrefix("#") {
                name = String(line.dropFirst()).trimmed
            } else if !line.isEmpty {
                found.append((line, name))
                name = ""
            }
        }
        return found
    }
}

extension String {
    /// Without white space at its ends.
    var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
