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
            "After a merge that git could not finish: edit the merged text, with marks around what both sides changed."
    )
    var merge = false

    func run() throws {
        try edit(session.vault())
    }

    private func edit(_ vault: Vault) throws {
        let layer = try file.parsedLayer()
        let session = try Editing(vault, layer, file.name, isMerge: merge)
        while true {
            let ended = try inFiles { () throws(FileError) in try Program.runOnTerminal(Self.editor + [session.path]) }
            if let signal = ended.signal { throw ExitCode(128 + signal) }
            guard ended.code == 0 else {
                throw KStackError(.io, "the editor ended with \(ended.code); nothing was written")
            }
            do {
                let isWritten = try session.conclude(team: Parsing.name(team, "a team"))
                Output.tell("\(isWritten ? "written" : "unchanged")  \(layer.name)/\(file.name)")
                return
            } catch {
                _ = Failure.tell(error)
                guard Self.goesBack() else { throw ExitCode(12) }
            }
        }
    }

    /// The editor and its arguments.
    private static var editor: [String] {
        let named = Variables.process.text("VISUAL") ?? Variables.process.text("EDITOR") ?? "vi"
        return named.split(separator: " ").map(String.init)
    }

    /// Whether the person wants to go on editing rather than lose the edit.
    private static func goesBack() -> Bool {
        guard StandardStream.input.isTerminal else { return false }
        StandardStream.error.write("Edit again? [Y/n] ")
        do throws(FileError) {
            return isYes(try StandardStream.input.readLine())
        } catch {
            return false
        }
    }

    private static func isYes(_ answer: borrowing SecretBytes) -> Bool {
        answer.count == 0 || answer.span[0] | 0x20 != UInt8(ascii: "n")
    }
}

/// One file in the hands of an editor.
private final class Editing {
    private let vault: Vault
    private let layer: Layer
    private let name: String
    private let before: SecretBytes
    private let folder: MemoryFolder

    /// Where the editor finds it.
    let path: String

    private let isMerge: Bool

    init(_ vault: Vault, _ layer: Layer, _ name: String, isMerge: Bool) throws(KStackError) {
        before = isMerge ? try Self.merged(vault, layer, name) : try YAMLFile.read(vault, layer, name)
        self.isMerge = isMerge
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

    /// Encrypts what the editor left; false where that is what it was given.
    func conclude(team: Name?) throws(KStackError) -> Bool {
        let content = try MemoryText.read(name, in: folder)
        if isMerge {
            guard !ThreeWayMerge.hasMarks(content) else {
                throw KStackError(
                    .conflict,
                    "\(layer.name)/\(name) still has marks of the merge; choose what stays, and remove them"
                )
            }
        } else if Self.areEqual(content, before) {
            return false
        }
        try vault.write(layer, name, content.span, team: team)
        return true
    }

    /// The merge of the versions that git has of a file.
    private static func merged(_ vault: Vault, _ layer: Layer, _ name: String) throws(KStackError) -> SecretBytes {
        let encrypted = name.hasPrefix("secret.") ? name : "secret.\(name)"
        let file = "\(layer.name)/\(encrypted)"
        let there = try GitRepository.unmerged(file, in: vault.path)
        let merge = try ThreeWayMerge { (version, path) throws(KStackError) in
            // Where both sides made the file there is no base.
            guard there.contains(version) else {
                return try Values.inMemory { () throws(SodiumError) in try SecretBytes(count: 0) }
            }
            let shown = try inFiles { () throws(FileError) in
                try Program.run(["git", "-C", vault.path, "show", ":\(version.stage):./\(file)"])
            }
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

    private static func areEqual(_ first: borrowing SecretBytes, _ second: borrowing SecretBytes) -> Bool {
        first.constantTimeEquals(second.span)
    }
}
