import Age
import ArgumentParser
import KStack
import KStackAny
import KStackLocal
import Sodium
import System

/// `kstack init`.
struct Initialize: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make a project's vault, and an identity if you have none.",
        discussion: """
            Changes nothing that is there, and is safe to run again. Without options it makes what .kstack.yaml names.

            Example:
              kstack init --environment dev --git
            """
    )

    @Option(
        name: [.customShort("C"), .customLong("project-root")],
        help: "The folder of the project; default: this one."
    )
    var projectRoot: String?

    @Option(name: [.customShort("e"), .long], help: "The environment; default: that of .kstack.yaml, else dev.")
    var environment: String?

    @Option(help: "The team; default: that of .kstack.yaml, else dev.")
    var team: String?

    @Flag(help: "Also set git up: readable diffs, and merges of encrypted files.")
    var git = false

    func run() throws {
        try ProcessContext.signs.require(.local, for: "kstack init")
        let root = try mapError(KStackError.file, Paths.canonical(projectRoot ?? "."))
        // All checks come before anything is made.
        let isNew = try isNew(root)
        if git, try GitRepository.ask(["rev-parse", "--is-inside-work-tree"], in: root) != "true" {
            throw Self.noGit(root)
        }
        let local = try Self.local(root)
        let named = isNew ? nil : local.project
        let environment =
            try Parsing.name(environment, "an environment") ?? named?.namedEnvironment()
            ?? Name("dev", kind: "an environment")
        let usualTeam = try named?.namedTeam() ?? Name("dev", kind: "a team")
        let team = try Parsing.name(team, "a team") ?? usualTeam
        if isNew {
            let more = team.text == "dev" ? "" : "team: \(team.text)\n"
            try ProjectFiles.write("environment: \(environment.text)\n\(more)", "\(root)/.kstack.yaml")
            Output.tell("made  .kstack.yaml")
        } else {
            Output.tell("kept  .kstack.yaml")
        }
        let vault = try Self.vault(named?.namedVault() ?? "\(root)/vault")
        let label = vault.hasPrefix("\(root)/") ? String(vault.dropFirst(root.count + 1)) : vault
        for layer in Layer.allCases {
            let folder = "\(environment.text)/\(layer.name)"
            if try ProjectFiles.makeFolder("\(vault)/\(folder)") { Output.tell("made  \(label)/\(folder)/") }
        }
        let own = "\(environment.text)/.recipients"
        let folder = try ProjectFiles.exists("\(vault)/\(own)/\(team.text).txt") ? own : ".recipients"
        let option = isNew || team.text == usualTeam.text ? "" : " --team \(team.text)"
        let isPostQuantum = try RecipientsCommand.isPostQuantum("\(vault)/\(folder)/\(team.text).txt")
        let keys = try identity(local.identities, isPostQuantum: isPostQuantum)
        try addRecipients(keys, "\(vault)/\(folder)", "\(team.text).txt", "\(label)/\(folder)", option)
        if label == vault {
            Output.tell("kept  .gitignore: the vault is elsewhere, and git must not take its plaintexts there")
        } else {
            try add(Self.ignored(label), to: ".gitignore", root)
            try add(["secret.* binary"], to: ".gitattributes", root)
        }
        if git { try configureGit(root) }
        Output.tell("Next: kstack set layer3/cloud-credentials.yaml s3.access_key_id, then kstack status")
    }

    /// Whether a folder has no project yet; a folder inside another project does not get its own by mistake.
    private func isNew(_ root: String) throws(KStackError) -> Bool {
        if try ProjectFiles.exists("\(root)/.kstack.yaml") { return false }
        guard projectRoot == nil else { return true }
        for folder in Paths.ancestors(of: root).dropFirst() {
            let file = Paths.resolve(".kstack.yaml", from: folder)
            guard try ProjectFiles.exists(file) else { continue }
            throw KStackError(
                .configuration,
                "\(root) is in the project of \(file); run kstack init in \(folder), or, for a project of its own, "
                    + "kstack init -C ."
            )
        }
        return true
    }

    /// The lines of `.gitignore`: all but encrypted files and recipients.
    private static func ignored(_ label: String) -> [String] {
        let vault = pattern(of: label)
        return [
            "\(vault)/**/*", "!\(vault)/**/", "!\(vault)/**/secret.*", "!\(vault)/**/.recipients/*.txt",
            ".kstack-state",
            ".kstack-tmp-*",
        ]
    }

    /// The git pattern that matches a path and nothing else.
    private static func pattern(of path: String) -> String {
        // Scalars, since a combining mark after one of these would make one character with it.
        var pattern = String.UnicodeScalarView()
        for scalar in path.unicodeScalars {
            let isFirst = pattern.isEmpty
            if "\\[*?".unicodeScalars.contains(scalar) || isFirst && "!#".unicodeScalars.contains(scalar) {
                pattern.append("\\")
            }
            pattern.append(scalar)
        }
        return String(pattern)
    }

    /// Makes the folder of vaults if it is missing.
    ///
    /// - Returns: its path without links.
    private static func vault(_ path: String) throws(KStackError) -> String {
        let path = path.utf8.last == UInt8(ascii: "/") ? String(path.dropLast()) : path
        _ = try ProjectFiles.makeFolder(path)
        return try mapError(KStackError.file, Paths.canonical(path))
    }

    private static func local(_ root: String) throws(KStackError) -> Container.Local {
        var options = Container.Options()
        options.projectRoot = root
        let container = try Container(
            options,
            signs: ProcessContext.signs,
            variables: .process,
            version: Container.version
        )
        return try container.local
    }

    private func add(_ lines: [String], to name: String, _ root: String) throws(KStackError) {
        let added = try ProjectFiles.add(lines, to: "\(root)/\(name)")
        Output.tell(added.isEmpty ? "kept  \(name)" : "added to \(name): \(added.joined(separator: ", "))")
    }

    /// The public keys of the user, whose identity is made if there is none, of the kind that the team has.
    private func identity(_ identities: IdentityStore, isPostQuantum: Bool) throws -> [String] {
        if try identities.hasSource() {
            Output.tell("kept  your identity")
            return try identities.publicKeys()
        }
        let variables = Variables.process
        let base = variables.text("XDG_CONFIG_HOME").flatMap { Paths.isAbsolute($0) ? $0 : nil }
        guard let folder = base ?? variables.text("HOME").flatMap({ Paths.isAbsolute($0) ? "\($0)/.config" : nil })
        else {
            throw KStackError(.configuration, "no place for your identity: set HOME, or KSTACK_AGE_KEY_FILE")
        }
        let path = "\(folder)/kstack/age/keys.txt"
        _ = try ProjectFiles.makeFolder("\(folder)/kstack/age")
        let recipient = try Keygen.write(to: path, isPostQuantum: isPostQuantum)
        Output.tell("made  \(path), your identity: keep it to yourself, and make a copy")
        return [recipient]
    }

    private func addRecipients(
        _ keys: [String],
        _ folder: String,
        _ name: String,
        _ label: String,
        _ option: String
    ) throws(KStackError) {
        _ = try ProjectFiles.makeFolder(folder)
        if try ProjectFiles.exists("\(folder)/\(name)") {
            Output.tell("kept  \(label)/\(name)")
            let lines = Set(
                (try ProjectFiles.read("\(folder)/\(name)") ?? "").split(whereSeparator: \.isNewline).map(String.init)
            )
            guard let key = RecipientsCommand.ownKey(of: keys, for: lines), !keys.contains(where: lines.contains) else {
                return
            }
            guard try RecipientsCommand.fits(key, "\(folder)/\(name)") else {
                Output.tell(
                    "The team has post-quantum keys, and you have none: make one with kstack keygen --pq, add it to "
                        + "your file of identities, and run kstack init again"
                )
                return
            }
            Output.tell(
                "Your key is not in it yet. Send it to a colleague, who runs: kstack recipients add \(key) --name "
                    + "\(user)\(option), then kstack rekey"
            )
            return
        }
        let keys = RecipientsCommand.ownKeysForNewTeam(keys)
        try ProjectFiles.write(keys.map { "# \(user)\n\($0)\n" }.joined(), "\(folder)/\(name)")
        Output.tell("made  \(label)/\(name): a line for each person who can read the files")
    }

    /// The name of the user, for the comment above a key.
    private var user: String { Variables.process.text("USER").flatMap { Name.isValid($0) ? $0 : nil } ?? "you" }

    /// Sets up the clone: its configuration, and its own attributes.
    ///
    /// The attributes are not in `.gitattributes`, since a clone without the driver would merge the ciphertext as
    /// text. The lines are the same for all projects of a repository.
    private func configureGit(_ root: String) throws(KStackError) {
        let settings = [
            ("diff.kstack.textconv", "kstack git-textconv"), ("diff.kstack.cachetextconv", "false"),
            ("merge.kstack.name", "kstack"), ("merge.kstack.driver", "kstack git-merge --path %P %O %A %B"),
        ]
        for (name, value) in settings {
            guard try GitRepository.ask(["config", name, value], in: root) != nil else { throw Self.noGit(root) }
        }
        guard let place = try GitRepository.ask(["rev-parse", "--git-path", "info/attributes"], in: root) else {
            throw Self.noGit(root)
        }
        let attributes = Paths.resolve(place, from: root)
        _ = try ProjectFiles.makeFolder(String(attributes.dropLast("/attributes".count)))
        _ = try ProjectFiles.add(["**/layer[0-3]/secret.* diff=kstack merge=kstack"], to: attributes)
        Output.tell("set  git's diff and merge of encrypted files, in this clone")
    }

    private static func noGit(_ root: String) -> KStackError {
        KStackError(
            .configuration,
            "git cannot be set up: \(root) is not in a git repository that it can change; run git init first, or leave "
                + "out --git"
        )
    }
}
