import ArgumentParser
import KStack
import KStackAny
import KStackLocal
import Sodium
import System

/// `kstack git-textconv`.
struct GitTextconv: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "git-textconv",
        abstract: "Print the plaintext of a file for git diff.",
        discussion: "git runs this; kstack init --git sets it up."
    )

    @OptionGroup var session: Session

    @Argument(help: "The file that git wrote.")
    var path: String

    func run() throws {
        do throws(KStackError) {
            try show()
        } catch {
            // A diff for those who may not read it, too.
            Output.line("(encrypted; \(error.message))")
        }
    }

    /// Shows the plaintext without a project: git does not give the path of the file.
    private func show() throws(KStackError) {
        let file = path
        let content = try mapError(KStackError.file, OpenFile.open(path: file).readAll(limit: Vault.encryptedReadLimit))
        // An empty file is one that does not exist in this version.
        guard content.count > 0 else { return }
        let version = Self.version(content)
        do throws(KStackError) {
            try Output.write(session.container().local.identities.decrypt(content), force: true, endsLine: false)
        } catch {
            // Different lines for different versions, so that the diff shows a change.
            Output.line("(encrypted, SHA-256 \(version); \(error.message))")
        }
    }

    /// The first digits of a version's hash.
    private static func version(_ content: borrowing SecretBytes) -> Substring {
        SHA256.hex(of: content.span).prefix(16)
    }
}

/// `kstack git-merge`.
struct GitMerge: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "git-merge",
        abstract: "Merge three versions of an encrypted file for git.",
        discussion: """
            git runs this; kstack init --git sets it up. Where both changed the same lines the file stays yours, git has the \
            conflict, and the error says how to go on.
            """
    )

    @OptionGroup var session: Session

    @Argument(help: "The common ancestor, ours, theirs: files that git wrote; the result goes to ours.")
    var versions: [String]

    @Option(help: "The path in the repository.")
    var path: String

    func run() throws {
        guard versions.count == 3 else { throw ValidationError("give three files: %O %A %B") }
        try conclude(vault())
    }

    /// The vault of the path, which git gives relative to the top of the working tree, where it runs this.
    private func vault() throws(KStackError) -> Vault {
        var session = session
        let parts = path.split(separator: "/").map(String.init)
        guard parts.count > 2, Layer.allCases.contains(where: { $0.name == parts[parts.count - 2] }) else {
            return try session.vault()
        }
        if session.projectRoot == nil {
            // A folder of vaults is found from the one above it.
            let above = parts.dropLast(3)
            let folders = above.last == "vault" ? above.dropLast() : above
            session.projectRoot = folders.isEmpty ? "." : folders.joined(separator: "/")
        }
        if session.environment == nil { session.environment = parts[parts.count - 3] }
        return try session.vault()
    }

    private func conclude(_ vault: Vault) throws(KStackError) {
        let merged = try merge(vault)
        try vault.encrypt(merged.span, toFileAt: versions[1], named: path)
    }

    /// The merged plaintext.
    private func merge(_ vault: Vault) throws(KStackError) -> SecretBytes {
        let merge = try ThreeWayMerge { (version, _) throws(KStackError) in
            try vault.decrypt(fileAt: versions[version.rawValue])
        }
        let merged = try merge.text()
        guard !merged.hasConflicts else {
            throw KStackError(
                .conflict,
                "\(path): both sides changed the same lines; yours stays. Run kstack edit --merge for the file, then "
                    + "git add it"
            )
        }
        return merged.takeText()
    }
}
