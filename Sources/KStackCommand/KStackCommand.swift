import ArgumentParser
import KStack
import KStackAny
import Sodium
import System

/// The program.
@main
struct KStackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kstack",
        abstract: "The right credentials for where a program runs.",
        discussion: """
            A vault of age-encrypted YAML files on developers' machines, Kubernetes Secrets in pods.

            Exit codes: 0 success; 1 a check found something; 2 usage; 10 invalid argument; 11 wrong context; 12 configuration; \
            13 not found; 14 layer access; 15 route; 16 vault; 17 Kubernetes API; 18 file system; 19 internal; 20 conflict.
            """,
        version: Container.version,
        subcommands: [
            Initialize.self, Status.self,
            Cat.self, Edit.self, SetValue.self, UnsetValue.self, Import.self, Encrypt.self, Decrypt.self,
            Get.self, Secrets.self, Resolve.self, List.self, Execute.self,
            RecipientsCommand.self, Rekey.self, Keygen.self,
            Manifests.self, RouteCommand.self, ContextCommand.self,
            GitTextconv.self, GitMerge.self, Completion.self,
        ]
    )

    static func main() {
        let code = run()
        // A signal that was held back while something had to be removed ends the program now.
        Program.releaseSignals()
        Program.exit(code)
    }

    private static func run() -> Int32 {
        do {
            try checkName()
            var command = try parseAsRoot()
            try command.run()
        } catch {
            return Failure.tell(error)
        }
        return Output.failure.withLock { $0 }.map { Failure.tell(KStackError($0)) } ?? 0
    }

    /// The parser takes an unknown command for an argument too many.
    private static func checkName() throws(UsageError) {
        guard let name = CommandLine.arguments.dropFirst().first, !name.hasPrefix("-"), name != "help" else { return }
        let names = configuration.subcommands.map { $0._commandName }
        guard !names.contains(name) else { return }
        let suggestion = KStackError.suggestion(name, names)
        throw UsageError(
            "no command \(KStackError.quoted(name))\(suggestion). See kstack --help"
        )
    }
}
