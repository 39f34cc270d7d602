import ArgumentParser
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
            try show(session.vault())
        } catch {
            // A diff for those who may not read it, too.
            Output.line("(encrypted; \(error.message))")
        }
    }

    private func show(_ vault: Vault) throws(KStackError) {
        let content = try vault.decrypt(fileAt: path)
        try Output.write(content, force: true, endsLine: false)
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
        let vault = try session.vault()
        try conclude(vault)
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
                    + "git add \(path)"
            )
        }
        return merged.takeText()
    }
}
