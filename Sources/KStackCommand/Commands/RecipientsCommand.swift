import Age
import ArgumentParser
import KStack
import KStackAny
import KStackLocal
import Sodium
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
              kstack recipients add age1pq1… --name ben
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
        let team = try Parsing.name(team, "a team") ?? Self.usualTeam(container)
        let file = try vault.recipientsFile(of: team)
        switch action {
        case .list:
            guard let text = try ProjectFiles.read(file) else { throw try Self.noFile(file, team, vault) }
            for entry in Self.entries(of: text) {
                Output.line("\(entry.key)\(entry.name.isEmpty ? "" : "  # \(entry.name)")")
            }
        case .add: try add(to: file, team, container)
        case .remove:
            guard try ProjectFiles.exists(file) else { throw try Self.noFile(file, team, vault) }
            try remove(from: file, team, container)
        }
    }

    private func add(to file: String, _ team: Name, _ container: Container) throws {
        guard let key else { throw ValidationError("give the public key, age1…") }
        _ = try mapError(KStackError.age("the key"), Recipient(bech32: key))
        if let name, name.contains(where: \.isNewline) { throw ValidationError("a name is one line") }
        let folder = Self.folder(of: file, team)
        _ = try ProjectFiles.makeFolder(folder)
        let added = try ProjectFiles.whileLocked(folder) { () throws(KStackError) in
            try Self.write(key, name, to: file)
        }
        guard let isNew = added else {
            Output.tell("kept  \(file): the key is in it")
            return
        }
        if isNew {
            Output.tell("made  a new team '\(team.text)', which had no recipients; if by mistake, remove \(file)")
        }
        if try Self.tellOfMixture(file, team, container) { return }
        Output.tell(
            "added to \(file). Until you run the following, the new key opens only what is encrypted from now on:"
        )
        for vault in try Self.vaults(container, file, team) { Self.tellToRekey(vault) }
    }

    /// Adds a key to the end of a file, under its lock.
    ///
    /// - Returns: whether the file is a new one; nil where the key is in it already.
    private static func write(_ key: String, _ name: String?, to file: String) throws(KStackError) -> Bool? {
        let former = try ProjectFiles.read(file)
        let text = former ?? ""
        guard !entries(of: text).contains(where: { $0.key == key }) else { return nil }
        let end = ProjectFiles.lineEnd(of: text)
        var start = ProjectFiles.withLineEnd(text)
        // An empty line, or a key without a name would belong to the person above.
        if name == nil, entries(of: text + "-").last?.name.isEmpty == false { start += end }
        let comment = name.map { "# \($0)\(end)" } ?? ""
        try ProjectFiles.write("\(start)\(comment)\(key)\(end)", file)
        return former == nil
    }

    private func remove(from file: String, _ team: Name, _ container: Container) throws {
        guard let key, !key.isEmpty else { throw ValidationError("give the public key, or the name") }
        let left = try ProjectFiles.whileLocked(Self.folder(of: file, team)) { () throws(KStackError) in
            try Self.remove(key, from: file, team)
        }
        let vaults = try Self.vaults(container, file, team)
        if try Self.tellOfMixture(file, team, container) { return }
        Output.tell("removed from \(file). Until you run the following, the key opens all that it opened:")
        for vault in vaults { Self.tellToRekey(vault) }
        Self.warnWithoutOwn(left, file, container)
        Output.tell("git's history stays readable with the removed key, so change the secrets in:")
        let usual = try Self.usualTeam(container)
        for vault in vaults {
            for path in try vault.encryptedFiles(of: Layer.allCases) {
                let written = Self.team(
                    ofFileAt: "\(vault.path)/\(path.split(separator: "/", maxSplits: 1).joined(separator: "/secret."))"
                )
                guard written ?? usual.text == team.text else { continue }
                let names = SecretNames.names(in: vault, path)
                Output.line(
                    "\(vault.environment.text)/\(path)\(names.isEmpty ? "" : ": \(names.joined(separator: ", "))")"
                )
            }
        }
    }

    /// Removes the keys with a key's text or a name from a file, under its lock.
    ///
    /// - Returns: the keys that are left.
    private static func remove(_ key: String, from file: String, _ team: Name) throws(KStackError) -> Set<String> {
        let text = try ProjectFiles.read(file) ?? ""
        let gone = entries(of: text).filter { $0.key == key || $0.name == key }
        guard !gone.isEmpty else {
            let names = entries(of: text).map { $0.name.isEmpty ? $0.key : $0.name }
            throw KStackError(
                .serviceNotFound,
                "nobody has the key or the name \(KStackError.quoted(key)) in \(file); available: "
                    + KStackError.listing(names, of: names.count)
            )
        }
        let keys = Set(gone.map(\.key))
        let left = Set(entries(of: text).map(\.key)).subtracting(keys)
        guard !left.isEmpty else {
            throw KStackError(
                .conflict,
                "team '\(team.text)' would have nobody left who can read its files; add another key first, with: "
                    + "kstack recipients add. For a team without files, remove \(file)"
            )
        }
        try ProjectFiles.write(Self.text(text, without: keys), file)
        return left
    }

    /// The teams that have a file, for an error about one that has none.
    private static func noFile(_ file: String, _ team: Name, _ vault: Vault) throws(KStackError) -> KStackError {
        var teams: Set<String> = []
        for folder in [folder(of: file, team), "\(vault.path)/.recipients"] {
            guard try ProjectFiles.exists(folder) else { continue }
            let names = try mapError(KStackError.file, Directory.open(path: folder).names())
            teams.formUnion(names.lazy.compactMap { $0.droppingByteSuffix(".txt") })
        }
        let known = teams.filter { Name.isValid($0) }.sorted()
        return KStackError(
            .serviceNotFound,
            "team '\(team.text)' has no recipients: \(file) does not exist; available teams: "
                + "\(KStackError.listing(known, of: teams.count)). Give one of them as --team, or make a new one, with: "
                + "kstack recipients add age1… --team \(team.text)\(KStackError.suggestion(team.text, known))"
        )
    }

    /// The folder of the recipients file of a team.
    private static func folder(of file: String, _ team: Name) -> String {
        String(file.dropLast("/\(team.text).txt".count))
    }

    /// The team where none is named.
    static func usualTeam(_ container: Container) throws(KStackError) -> Name {
        if let team = try container.local.project.namedTeam() { return team }
        return try Name("dev", kind: "a team")
    }

    /// The vaults in which a file has the recipients of a team: it may be that of all environments, or of one.
    private static func vaults(
        _ container: Container,
        _ file: String,
        _ team: Name
    ) throws(KStackError) -> [Vault] {
        var found: [Vault] = []
        for environment in try container.local.secrets.environments() {
            let vault = try container.openVault(Name(environment, kind: "an environment"))
            if try vault.recipientsFile(of: team) == file { found.append(vault) }
        }
        return found
    }

    private static func tellToRekey(_ vault: Vault) {
        Output.tell("  kstack rekey --environment \(vault.environment.text)")
    }

    /// Warns people who lock themselves out.
    private static func warnWithoutOwn(_ left: Set<String>, _ file: String, _ container: Container) {
        // Without a readable identity there is nothing to lose.
        guard let own = try? container.local.identities.publicKeys(), left.isDisjoint(with: own) else { return }
        Output.tell(
            "warning: no key of yours is left in \(file), so somebody else must rekey, and you will not be able to "
                + "read the files any more. To undo it: kstack recipients add \(ownKey(of: own, for: left) ?? "")"
        )
    }

    /// The team that the header of a file names; nil where it names none, or is damaged.
    private static func team(ofFileAt path: String) -> String? {
        guard let content = try? OpenFile.open(path: path).readAll(limit: Vault.encryptedReadLimit) else { return nil }
        var source = SecretSource(content)
        return (try? UnauthenticatedHeader(of: &source).stanzas)?.first { $0.type == "kstack-recipients" }?.arguments
            .first
    }

    /// The keys of a file, each with its name: the comment above it, which counts up to the next one or an empty line.
    static func entries(of text: String) -> [(key: String, name: String)] {
        var name = ""
        var found: [(String, String)] = []
        for line in lines(of: text).map({ String($0).trimmed }) {
            if line.hasPrefix("#") {
                name = String(line.dropFirst()).trimmed
            } else if line.isEmpty {
                name = ""
            } else {
                found.append((line, name))
            }
        }
        return found
    }

    /// The content of a file without some keys, and without names that are left without a key.
    private static func text(_ text: String, without keys: Set<String>) -> String {
        var kept: [Substring] = []
        /// The index in `kept` of the next key's name, and whether a key of that name was removed.
        var name: Int?
        var isLost = false
        for line in lines(of: text) + [""] {
            let content = String(line).trimmed
            if keys.contains(content) {
                isLost = true
            } else {
                if !content.isEmpty, !content.hasPrefix("#") {
                    name = nil
                } else {
                    if isLost, let name { kept.remove(at: name) }
                    name = content.isEmpty ? nil : kept.count
                }
                isLost = false
                kept.append(line)
            }
        }
        return kept.joined()
    }

    /// The lines of a file, each with its line end.
    private static func lines(of text: String) -> [Substring] {
        var found: [Substring] = []
        var rest = text[...]
        while let end = rest.firstIndex(where: \.isNewline) {
            found.append(rest[...end])
            rest = rest[rest.index(after: end)...]
        }
        return found + [rest]
    }
}

extension String {
    /// The string without white space at its ends.
    var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
