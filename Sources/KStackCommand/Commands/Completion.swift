import ArgumentParser

/// The lists that shells complete from; without a project they are empty.
extension CompletionKind {
    static var layers: CompletionKind { .list(["layer0", "layer1", "layer2", "layer3"]) }
    static var services: CompletionKind { .shellCommand("kstack ls services 2>/dev/null | sed 's|.*/||' | sort -u") }
    static var vaultFiles: CompletionKind { .shellCommand("kstack ls files 2>/dev/null") }
    static var environments: CompletionKind { .shellCommand("kstack ls environments 2>/dev/null") }
}

/// `kstack completion`.
struct Completion: ParsableCommand {
    /// The shells that can complete the command.
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
