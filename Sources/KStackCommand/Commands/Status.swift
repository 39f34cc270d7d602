import ArgumentParser
import Documents
import KStack
import KStackAny
import KStackLocal
import Sodium
import System

/// `kstack status`.
struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show context, project, identities and the state of each file.",
        discussion: """
            With --check it ends with 1 where git would commit plaintext, a file is stale, or an edit is not encrypted: for \
            pre-commit hooks and CI. It needs no identity, and says what it could not look at.

            Examples:
              kstack status
              kstack status --check
            """
    )

    @OptionGroup var session: Session

    @Flag(help: "End with 1 where something has to be done before a commit.")
    var check = false

    @Flag(help: "Write JSON.")
    var json = false

    func run() throws {
        let found = try look()
        if json {
            try found.writeJSON()
        } else {
            found.write()
        }
        guard check, !found.problems.isEmpty else { return }
        for problem in found.problems { Output.tell("kstack: \(problem)") }
        throw CheckFailed()
    }

    private func look() throws(KStackError) -> Findings {
        MemoryFolder.removeLeftovers()
        let container = try session.container()
        let local = try container.local
        var found = Findings()
        found.facts = [
            ("context", "local"), ("reason", ProcessContext.signs.reason),
            ("vaults", try container.vaultRoot() ?? ""),
        ]
        found.identities = local.identities.sources
        let environments = try named(or: Array(local.secrets.environments()))
        found.facts.append(("environments", environments.map(\.text).joined(separator: ", ")))
        let hasIdentity = try local.identities.hasSource()
        if !hasIdentity {
            found.notes.append("no identity: whether files can be read, and some edits, could not be looked at")
        }
        if let root = try container.vaultRoot() {
            try found.lookForGit(around: root)
            try found.addTracked(below: root, environments: environments)
        }
        for environment in environments {
            let vault = try container.openVault(environment)
            for entry in try vault.status(VaultOptions()).entries {
                try found.add(entry, of: vault, canRead: hasIdentity)
            }
            if hasIdentity { try addNotes(of: environment, local.secrets, to: &found) }
        }
        return found
    }

    /// What kstack manifests would refuse; it is no hindrance before a commit.
    private func addNotes(
        of environment: Name,
        _ secrets: LocalSecretsProvider,
        to found: inout Findings
    ) throws(KStackError) {
        for layer in Layer.allCases {
            do throws(KStackError) {
                found.notes += try secrets.clusterProblems(of: layer, environment: environment)
            } catch {
                guard error.code == .configuration || error.code == .vault else { throw error }
                found.notes.append(error.message)
            }
        }
    }

    private func named(or all: [String]) throws(KStackError) -> [Name] {
        if let named = try session.namedEnvironment() { return [named] }
        var names: [Name] = []
        for text in all { names.append(try Name(text, kind: "an environment")) }
        return names
    }
}

/// The findings of `status`.
private struct Findings {
    /// One file.
    struct File {
        let path: String
        let entry: VaultReport.Entry
    }

    var facts: [(String, String)] = []
    var identities: [(label: String, state: String)] = []
    var files: [File] = []
    var problems: [String] = []
    var notes: [String] = []

    /// Whether git answers for the vaults.
    private var hasGit = false

    mutating func add(_ entry: VaultReport.Entry, of vault: Vault, canRead: Bool) throws(KStackError) {
        let path = "\(vault.environment.text)/\(entry.path)"
        files.append(File(path: path, entry: entry))
        switch entry.result {
        case .inClear, .decrypted, .edited, .conflict:
            let plaintext = "\(vault.path)/\(entry.path)"
            if try wouldCommit(plaintext, in: vault.path) {
                problems.append("git would commit the plaintext \(plaintext)")
            }
            if entry.result == .edited { problems.append("\(path) was edited; encrypt it") }
            if entry.result == .inClear { problems.append("\(path) was never encrypted; encrypt it") }
            if entry.result == .conflict, canRead { problems.append("\(path) is in conflict: \(entry.message)") }
        case .failed: problems.append("\(path): \(entry.message)")
        default: break
        }
        if [.encrypted, .decrypted, .edited].contains(entry.result), !entry.isCurrent {
            problems.append("\(path) is stale: \(entry.message)")
        }
    }

    /// What git has of vaults that is neither encrypted nor a list of recipients.
    mutating func addTracked(below root: String, environments: [Name]) throws(KStackError) {
        guard hasGit else { return }
        let folders = Set(environments.map(\.text) + [".recipients"])
        let listed = try GitRepository.ask(["ls-files", "--cached", "-z", "--", "."], in: root) ?? ""
        for path in listed.split(separator: "\0").map(String.init) {
            let parts = path.split(separator: "/")
            guard let name = parts.last, let folder = parts.first, folders.contains(String(folder)) else { continue }
            if name.hasPrefix("secret.") || [".gitkeep", ".gitignore", ".gitattributes"].contains(name) { continue }
            if parts.contains(".recipients") || [".md", ".example", ".template"].contains(where: name.hasSuffix) {
                guard let text = try ProjectFiles.read("\(root)/\(path)"), KStackError.holdsPrivateKey(text) else {
                    continue
                }
                problems.append(
                    "git has \(path), which holds a private key: git rm --cached it, and make a new identity"
                )
            } else {
                problems.append(
                    "git has \(path) in clear: git rm --cached it, and change what is in it, since the history keeps it"
                )
            }
        }
    }

    /// Whether git has a file, or would take it with `git add`.
    private func wouldCommit(_ path: String, in folder: String) throws(KStackError) -> Bool {
        guard hasGit else { return false }
        let listed = ["ls-files", "--cached", "--others", "--exclude-standard", "--", path]
        return try GitRepository.ask(listed, in: folder)?.isEmpty != true
    }

    /// Finds out whether git answers for a folder.
    mutating func lookForGit(around folder: String) throws(KStackError) {
        guard try GitRepository.isAround(folder) else { return }
        hasGit = try GitRepository.ask(["rev-parse", "--git-dir"], in: folder) != nil
        guard !hasGit else { return }
        problems.append(
            "git does not answer, so it is not known whether it has a plaintext: install git; where the repository belongs "
                + "to somebody else, git config --global --add safe.directory and its folder"
        )
    }

    func write() {
        for (name, value) in facts { Output.line("\(name): \(value)") }
        Output.line("identities:")
        for (position, source) in identities.enumerated() {
            Output.line("  \(position + 1)  \(source.label): \(source.state)")
        }
        for note in notes { Output.line("note: \(note)") }
        for file in files {
            var words = [Report.word(file.entry.result)]
            if file.entry.isReadable { words.append("readable") }
            if file.entry.isCurrent { words.append("current") }
            if file.entry.isPostQuantum { words.append("post-quantum") }
            let message = file.entry.message.isEmpty ? "" : ": \(file.entry.message)"
            Output.line("\(words.joined(separator: ", "))  \(file.path)\(message)")
        }
    }

    func writeJSON() throws(KStackError) {
        let text = try mapError(KStackError.document) { () throws(DocumentError) in
            var all = try MappingBuilder()
            for (name, value) in facts { try all.append(name.utf8.span, text: value.utf8.span) }
            var sources = try MappingBuilder()
            for source in identities { try sources.append(source.label.utf8.span, text: source.state.utf8.span) }
            try all.append("identities".utf8.span, copying: sources.finish().root)
            var entries = try MappingBuilder()
            for file in files {
                var one = try MappingBuilder()
                try one.append("result".utf8.span, text: Report.word(file.entry.result).utf8.span)
                try one.append("readable".utf8.span, text: (file.entry.isReadable ? "true" : "false").utf8.span)
                try one.append("current".utf8.span, text: (file.entry.isCurrent ? "true" : "false").utf8.span)
                try one.append("post_quantum".utf8.span, text: (file.entry.isPostQuantum ? "true" : "false").utf8.span)
                try one.append("message".utf8.span, text: file.entry.message.utf8.span)
                try entries.append(file.path.utf8.span, copying: one.finish().root)
            }
            try all.append("files".utf8.span, copying: entries.finish().root)
            return try all.finish().root.json()
        }
        guard var text else { throw KStackError(.internal, "a path is not UTF-8") }
        try Values.append("\n", to: &text)
        try Output.write(text, force: true, endsLine: false)
    }
}
