import ArgumentParser
import Documents
import KStackAny
import KStackLocal
import Sodium
import System

/// `kstack edit`.
struct Edit: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Edit an encrypted file; its plaintext is in memory only.",
        discussion: """
            $VISUAL or $EDITOR gets a private file in memory-backed storage. What was not changed is not written.

            Examples:
              kstack edit layer3/app.yaml
              kstack edit --merge layer3/app.yaml
            """
    )

    @OptionGroup var session: Session

    @Argument(help: "The file, such as layer3/app.yaml.", completion: .vaultFiles)
    var file: VaultFileName

    @Option(help: "The team whose recipients the file is written for.")
    var team: String?

    @Flag(
        help:
            "After a merge that git could not finish: edit the merged text, with conflict markers."
    )
    var merge = false

    func run() throws {
        try edit(session.vault())
    }

    private func edit(_ vault: Vault) throws {
        Program.holdSignals()
        let layer = try file.parsedLayer()
        let session = try Editing(vault, layer, file.name, team: Parsing.name(team, "a team"), isMerge: merge)
        while true {
            do {
                try Self.open(session.path)
                let isWritten = try session.conclude()
                Output.tell("\(isWritten ? "written" : "unchanged")  \(layer.name)/\(file.name)")
                return
            } catch let ended as ExitCode {
                throw ended
            } catch {
                let code = Failure.tell(error)
                if Program.isAskedToEnd { throw ExitCode(code) }
                switch Self.answer() {
                case .again: continue
                case .discard: throw ExitCode(code)
                case .nobody:
                    if let kept = session.keep() {
                        Output.tell("kstack: your edit is kept in \(kept), in memory; remove it when you are done")
                    }
                    throw ExitCode(code)
                }
            }
        }
    }

    private static func open(_ path: String) throws {
        let ended = try mapError(KStackError.file, Program.runOnTerminal(editor + [path]))
        if let signal = ended.signal { throw ExitCode(128 + signal) }
        guard ended.code == 0 else {
            throw KStackError(.io, "the editor ended with \(ended.code); nothing was written")
        }
    }

    /// What to do with an edit that could not be written.
    private enum Answer {
        case again
        case discard
        case nobody
    }

    /// The editor and its arguments; vim leaves no history, undo file or backup elsewhere.
    private static var editor: [String] {
        let named = Variables.process.text("VISUAL") ?? Variables.process.text("EDITOR") ?? "vi"
        let words = named.split(separator: " ").map(String.init)
        // The shell splits the words, as git does it.
        let shell = ["sh", "-c", "exec \(named) \"$@\"", "editor"]
        guard let program = words.first.flatMap(Program.find), let path = try? Paths.canonical(program) else {
            return shell
        }
        let name = path.split(separator: "/").last ?? ""
        guard name.hasPrefix("vim") || name.hasPrefix("nvim") else { return shell }
        return shell + ["-n", "-i", "NONE", "-c", "silent! set nobackup nowritebackup noundofile"]
    }

    private static func answer() -> Answer {
        guard StandardStream.input.isTerminal else { return .nobody }
        StandardStream.error.write("Edit again? [Y/n; n discards your edit] ")
        do throws(FileError) {
            return try answer(StandardStream.input.readLine())
        } catch {
            return Program.isAskedToEnd ? .discard : .nobody
        }
    }

    private static func answer(_ line: borrowing SecretBytes) -> Answer {
        line.count == 0 || line.span[0] | 0x20 != UInt8(ascii: "n") ? .again : .discard
    }
}

/// One file that is being edited.
private final class Editing {
    private let vault: Vault
    private let layer: Layer
    private let name: String
    private let team: Name?
    private var before: SecretBytes
    private var folder: MemoryFolder
    private var draft: Draft

    /// The path that the editor gets.
    let path: String

    /// Whether the text may have conflict markers, which must not be encrypted.
    private var isMerge: Bool

    init(_ vault: Vault, _ layer: Layer, _ name: String, team: Name?, isMerge: Bool) throws(KStackError) {
        draft = try vault.draft(layer, name, team: team)
        before = isMerge ? try Self.merged(vault, layer, name) : try vault.readOrEmpty(layer, name)
        self.isMerge = isMerge
        self.team = team
        folder = try MemoryText.folder()
        path = "\(folder.path)/\(name)"
        self.vault = vault
        self.layer = layer
        self.name = name
        try Self.start(before, name, folder)
    }

    private static func start(
        _ content: borrowing SecretBytes,
        _ name: String,
        _ folder: borrowing MemoryFolder
    ) throws(KStackError) {
        try MemoryText.write(content.span, name, in: folder)
    }

    /// Keeps the edit where no other run removes it, and returns the path; nil where nothing was edited.
    func keep() -> String? {
        do throws(KStackError) {
            if try MemoryText.read(name, in: folder).constantTimeEquals(before) { return nil }
        } catch {
            return nil
        }
        return "\(folder.keep())/\(name)"
    }

    /// Encrypts the edited text; false where it is unchanged.
    func conclude() throws(KStackError) -> Bool {
        let content = try MemoryText.read(name, in: folder)
        if isMerge {
            guard !ThreeWayMerge.hasMarks(content) else {
                throw KStackError(
                    .conflict,
                    "\(layer.name)/\(name) still has conflict markers; choose what stays, and remove them"
                )
            }
        } else if content.constantTimeEquals(before) {
            return false
        }
        do throws(KStackError) {
            try vault.write(content.span, draft)
        } catch {
            guard error.code == .conflict else { throw error }
            try mergeWithChange(content)
            return try conclude()
        }
        return true
    }

    /// Merges what somebody else changed in the encrypted form meanwhile.
    private func mergeWithChange(_ content: borrowing SecretBytes) throws(KStackError) {
        let present = try vault.draft(layer, name, team: team)
        let merge = try ThreeWayMerge(base: before, ours: content, theirs: vault.readOrEmpty(layer, name))
        let merged = try merge.text()
        let hasConflicts = merged.hasConflicts
        try Self.start(merged.takeText(), name, folder)
        // From here on it is an edit of the present version.
        before = try vault.readOrEmpty(layer, name)
        draft = present
        isMerge = true
        guard !hasConflicts else {
            throw KStackError(
                .conflict,
                "somebody changed the same lines of \(layer.name)/\(name); your edit has both, with conflict markers"
            )
        }
    }

    /// The merge of the versions that git has of a file.
    private static func merged(_ vault: Vault, _ layer: Layer, _ name: String) throws(KStackError) -> SecretBytes {
        let encrypted = name.hasPrefix("secret.") ? name : "secret.\(name)"
        let file = "\(layer.name)/\(encrypted)"
        let there = try GitRepository.unmerged(file, in: vault.path)
        let merge = try ThreeWayMerge { (version, path) throws(KStackError) in
            // Where both sides made the file there is no base.
            guard there.contains(version) else {
                return try mapError(KStackError.memory, SecretBytes(count: 0))
            }
            let shown = try mapError(
                KStackError.file,
                Program.run(["git", "-C", vault.path, "show", ":\(version.stage):./\(file)"])
            )
            guard shown.code == 0 else {
                throw KStackError(
                    .io,
                    "git cannot show \(version.name) of \(file); see what git status says, and try again"
                )
            }
            let output = shown.takeOutput()
            try ProjectFiles.write(copying: output, path)
            return try vault.decrypt(fileAt: path)
        }
        return try merge.text().takeText()
    }
}
