import ArgumentParser

/// `kstack completion`.
struct Completion: ParsableCommand {
    /// The shells.
    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash
        case zsh
        case fish
    }

    static let configuration = CommandConfiguration(
        abstract: "Print a completion script for a shell.",
        discussion: "Example:\n  kstack completion bash > /etc/bash_completion.d/kstack"
    )

    @Argument(help: "bash, zsh or fish.")
    var shell: Shell

    func run() throws {
        let shells: [Shell: CompletionShell] = [.bash: .bash, .zsh: .zsh, .fish: .fish]
        guard let shell = shells[shell] else { return }
        Output.line(KStackCommand.completionScript(for: shell))
    }
}
