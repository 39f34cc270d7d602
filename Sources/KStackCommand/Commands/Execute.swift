import ArgumentParser
import KStack
import KStackAny
import KStackCluster
import KStackLocal
import Sodium
import System

/// `kstack exec`.
struct Execute: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec",
        abstract: "Run a command with a layer's secrets as environment variables.",
        discussion: """
            The command takes this program's place: signals, terminal and exit code are its own.

            Example:
              kstack exec --layer layer3 --service s3 -- ./server --port 8080
            """
    )

    @OptionGroup var session: Session
    @OptionGroup var layer: LayerOption

    @Option(
        name: [.customShort("s"), .long],
        help: "A service whose values become variables such as S3_ACCESS_KEY_ID.",
        completion: .services
    )
    var service: [String] = []

    @Flag(help: "Pass on only PATH, HOME, TERM, LANG, LC_ALL, TZ, USER, LOGNAME and PWD of the other variables.")
    var pristine = false

    @Argument(parsing: .captureForPassthrough, help: "The command and its arguments, after --.")
    var command: [String]

    func run() throws {
        let arguments = command.first == "--" ? Array(command.dropFirst()) : command
        guard !arguments.isEmpty else { throw ValidationError("give the command after --") }
        try replace(arguments, with: variables())
    }

    /// The variables, `NAME=value` and a NUL each.
    private func variables() throws(KStackError) -> Lines {
        let container = try session.container()
        let environment = try session.namedEnvironment()
        let layer = try layer.parsed()
        let lines = try Lines()
        do throws(KStackError) {
            try lines.add(container.secretsProvider.secrets(of: layer, environment: environment), prefix: "")
        } catch {
            guard error.code == .serviceNotFound, !service.isEmpty else { throw error }
        }
        for service in service {
            let credentials = try container.secretsProvider.credentials(
                service: Name(service, kind: "a service"),
                layer: layer,
                environment: environment
            )
            try lines.add(credentials, prefix: "\(service)_")
        }
        return lines
    }

    /// The keys to the whole vault, which the command must not get.
    private static let identities: Set = ["KSTACK_AGE_KEY", "KSTACK_AGE_PASSPHRASE", "SOPS_AGE_KEY"]

    private func replace(_ arguments: [String], with lines: Lines) throws(KStackError) {
        let replaced = Program.variableNames.intersection(lines.names).sorted()
        if !replaced.isEmpty, !pristine {
            Output.tell("kstack: replaced variables: \(replaced.joined(separator: ", "))")
        }
        let kept: Set = ["PATH", "HOME", "TERM", "LANG", "LC_ALL", "TZ", "USER", "LOGNAME", "PWD"]
        let error = lines.replaceProcess(arguments) { name in
            pristine ? kept.contains(name) : !Self.identities.contains(name)
        }
        throw KStackError(.io, "cannot run \(KStackError.quoted(arguments.first ?? "")): \(error.description)")
    }
}

/// Variables for a command, in locked memory.
private final class Lines {
    private var text: SecretBytes
    private(set) var names: Set<String> = []

    init() throws(KStackError) {
        text = try mapError(KStackError.memory, SecretBytes(minimumCapacity: 4096))
    }

    /// Adds the values of credentials.
    func add(_ credentials: Credentials, prefix: String) throws(KStackError) {
        let variables = try EnvironmentVariables.variables(of: credentials, prefix: prefix)
        for position in 0..<variables.count {
            guard let place = variables.value(at: position) else { continue }
            let name = variables.nameText(at: position)
            guard names.insert(name).inserted else {
                throw KStackError(.configuration, "two values are for the variable \(name); leave one service out")
            }
            let value = try variables.copy(of: place)
            try Values.append("\(name)=", to: &text)
            try Values.append(value.span, to: &text)
            try Values.append("\0", to: &text)
        }
    }

    /// Replaces this process with a command; returns only where that fails.
    func replaceProcess(_ arguments: [String], inherits: (String) -> Bool) -> FileError {
        Program.replace(arguments, lines: text, names: names, inherits: inherits)
    }
}
