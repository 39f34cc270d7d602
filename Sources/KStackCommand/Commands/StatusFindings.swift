import Documents
import KStackAny
import KStackLocal
import Sodium

/// The findings of `status`.
struct StatusFindings {
    /// A file of a vault, with the environment in its path.
    struct File {
        let path: String
        let entry: VaultReport.Entry
    }

    /// Why this is not a pod.
    var reason = ""

    /// The folder of vaults, if there is one.
    var vaults: String?

    var environments: [String] = []
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

    /// Files of vaults in git that are neither encrypted nor recipients files.
    mutating func addTracked(below root: String, environments: [Name]) throws(KStackError) {
        guard hasGit else { return }
        let folders = Set(environments.map(\.text) + [".recipients"])
        let listed = try GitRepository.ask(["ls-files", "--cached", "-z", "--", "."], in: root) ?? ""
        for path in listed.split(separator: "\0").map(String.init) {
            let parts = path.split(separator: "/")
            guard let name = parts.last, let folder = parts.first, folders.contains(String(folder)) else { continue }
            if name.hasPrefix("secret.") || [".gitkeep", ".gitignore", ".gitattributes"].contains(name) { continue }
            if parts.contains(".recipients") || [".md", ".example", ".template"].contains(where: name.hasByteSuffix) {
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

    /// Whether git tracks a file, or `git add` would add it.
    private func wouldCommit(_ path: String, in folder: String) throws(KStackError) -> Bool {
        guard hasGit else { return false }
        let listed = ["ls-files", "--cached", "--others", "--exclude-standard", "--", path]
        return try GitRepository.ask(listed, in: folder)?.isEmpty != true
    }

    /// Checks whether git answers for a folder.
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
        Output.line("context: local")
        Output.line("reason: \(reason)")
        Output.line("vaults: \(vaults ?? "")")
        Output.line("environments: \(environments.joined(separator: ", "))")
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

    /// The findings as JSON, with files by their paths below the folder of vaults.
    func json() throws(KStackError) -> SecretBytes {
        let status = JSONValue.object([
            ("context", .text("local")),
            ("reason", .text(reason)),
            ("vaults", vaults.map(JSONValue.text) ?? .null),
            ("environments", .list(environments.map(JSONValue.text))),
            ("identities", .list(identities.map { Self.json(of: $0) })),
            ("files", .object(files.map { ($0.path, Self.json(of: $0.entry)) })),
            ("notes", .list(notes.map(JSONValue.text))),
            ("problems", .list(problems.map(JSONValue.text))),
        ])
        return try mapError(KStackError.document, status.json())
    }

    private static func json(of source: (label: String, state: String)) -> JSONValue {
        .object([("source", .text(source.label)), ("state", .text(source.state))])
    }

    private static func json(of entry: VaultReport.Entry) -> JSONValue {
        .object([
            ("result", .text(Report.word(entry.result))),
            ("readable", .truth(entry.isReadable)),
            ("current", .truth(entry.isCurrent)),
            ("post_quantum", .truth(entry.isPostQuantum)),
            ("message", .text(entry.message)),
        ])
    }
}
