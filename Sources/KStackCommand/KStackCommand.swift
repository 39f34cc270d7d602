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
            13 not found; 14 layer access; 15 route; 16 vault; 17 Kubernetes API; 18 file system; 19 internal; 20 conflict; \
            21 timeout; 22 cancelled.
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
        // A signal that was blocked during clean-up ends the program now.
        Program.releaseSignals()
        Program.exit(code)
    }

    private static func run() -> Int32 {
        do {
            let arguments = try commandFirst(Array(CommandLine.arguments.dropFirst()))
            try checkName(arguments)
            var command = try parseAsRoot(arguments)
            try checkExecute(command)
            do {
                try command.run()
            } catch let error as ValidationError {
                throw usage(error.message, of: command)
            }
        } catch {
            return Failure.tell(error)
        }
        return Output.failure.withLock { $0 }.map { Failure.tell(KStackError.file($0)) } ?? 0
    }

    /// Moves the options that all commands have behind the command, where the parser expects them.
    private static func commandFirst(_ arguments: [String]) throws(UsageError) -> [String] {
        var index = 0
        while index < arguments.count {
            let parts = arguments[index].split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            switch parts.first {
            case "--verbose": index += 1
            case "-C", "--project-root", "--identity-file", "-e", "--environment": index += parts.count == 1 ? 2 : 1
            default:
                if index == 0 { return arguments }
                // Help and the version need no project.
                let isAlone = arguments[index].hasPrefix("-") || arguments[index] == "help"
                return isAlone
                    ? Array(arguments[index...])
                    : [arguments[index]] + arguments[..<index] + arguments[(index + 1)...]
            }
        }
        if arguments.isEmpty { return arguments }
        throw UsageError("no command after the options; add one, as in kstack -C FOLDER status. See kstack --help")
    }

    /// Reports an unknown command, which the parser would call an unexpected argument.
    private static func checkName(_ arguments: [String]) throws(UsageError) {
        guard let name = arguments.first, !name.hasPrefix("-"), name != "help" else { return }
        let names = configuration.subcommands.map { $0._commandName }
        guard !names.contains(name) else { return }
        let suggestion = KStackError.suggestion(name, names)
        throw UsageError(
            "no command \(KStackError.quoted(name))\(suggestion.isEmpty ? "." : suggestion) See kstack --help"
        )
    }

    /// Reports an unknown option of `exec`, which the parser would take for the command to run.
    private static func checkExecute(_ command: any ParsableCommand) throws(UsageError) {
        guard let execute = command as? Execute, let first = execute.command.first, first.hasPrefix("-"), first != "--"
        else { return }
        throw usage(
            "no option \(KStackError.quoted(first)); options stand before --, and the command to run after it",
            of: command
        )
    }

    /// An error with the usage of the command, as the parser writes its own.
    private static func usage(_ message: String, of command: any ParsableCommand) -> UsageError {
        let type = type(of: command)
        return UsageError(
            "\(message)\nUsage: \(usageString(for: type))\n  See 'kstack \(type._commandName) --help' for more information."
        )
    }
}
