import ArgumentParser
import KStack
import KStackAny
import KStackCluster
import KStackLocal
import Sodium
import System

/// The layer of a look-up.
struct LayerOption: ParsableArguments {
    @Option(name: [.customShort("l"), .long], help: "The layer, such as layer3 or 3.", completion: .layers)
    var layer: String

    /// The layer itself.
    func parsed() throws(KStackError) -> Layer { try Layer(parsing: layer) }
}

/// `kstack get`.
struct Get: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the credentials of a service, or one value.",
        discussion: """
            Examples:
              kstack get s3 --layer layer3
              kstack get s3 --layer layer3 access_key_id
              eval "$(kstack get s3 --layer layer3 --format env)"
            """
    )

    @OptionGroup var session: Session
    @OptionGroup var layer: LayerOption

    @Argument(help: "The service, such as s3.", completion: .services)
    var service: String

    @Argument(help: "The name of one value, which is printed as it is.")
    var name: String?

    @Option(help: "json, env, yaml or aws (credential_process).")
    var format = Format.json

    @Flag(help: "Send binary values to a terminal, too.")
    var force = false

    func run() throws {
        let credentials = try session.container().secretsProvider.credentials(
            service: Name(service, kind: "a service"),
            layer: layer.parsed(),
            environment: session.namedEnvironment()
        )
        guard let name else {
            return try Output.write(credentials, format, force: force)
        }
        guard let place = credentials.value(named: name.utf8.span) else {
            let names = (0..<credentials.count).map { credentials.nameText(at: $0) }
            throw KStackError(
                .serviceNotFound,
                "no value \(KStackError.quoted(name)) for service '\(service)'; available: "
                    + KStackError.listing(names, of: names.count) + KStackError.suggestion(name, names)
            )
        }
        try Output.write(credentials, place, force: force)
    }
}

/// `kstack secrets`.
struct Secrets: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print all secrets that a layer may see.",
        discussion: "Example:\n  kstack secrets --layer layer3 --format env"
    )

    @OptionGroup var session: Session
    @OptionGroup var layer: LayerOption

    @Option(help: "json, env, yaml or aws.")
    var format = Format.json

    @Flag(help: "Send secrets to a terminal, too.")
    var force = false

    func run() throws {
        try Output.checkPlace(force: force)
        let secrets = try session.container().secretsProvider.secrets(
            of: layer.parsed(),
            environment: session.namedEnvironment()
        )
        try Output.write(secrets, format)
    }
}

/// `kstack resolve`.
struct Resolve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print endpoint, region and credentials of a cloud service.",
        discussion: "Example:\n  kstack resolve s3 --layer layer3"
    )

    @OptionGroup var session: Session
    @OptionGroup var layer: LayerOption

    @Argument(help: "The service, such as s3.", completion: .services)
    var service: String

    @Option(help: "Another provider than the layer's own.")
    var provider: String?

    @Option(help: "json, env, yaml or aws.")
    var format = Format.json

    @Flag(help: "Send secrets to a terminal, too.")
    var force = false

    func run() throws {
        try Output.checkPlace(force: force)
        let resolved = try session.container().serviceResolver.resolve(
            Name(service, kind: "a service"),
            layer: layer.parsed(),
            environment: session.namedEnvironment(),
            provider: Parsing.name(provider, "a provider")
        )
        try Output.write(resolved, format)
    }
}

/// `kstack ls`.
struct List: ParsableCommand {
    /// What there is to list.
    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case services
        case files
        case environments
        case layers
    }

    static let configuration = CommandConfiguration(
        commandName: "ls",
        abstract: "List services, files, environments or layers.",
        discussion: "Examples:\n  kstack ls services --layer layer3\n  kstack ls environments"
    )

    @OptionGroup var session: Session

    @Argument(help: "services, files, environments or layers.")
    var kind = Kind.files

    @Option(name: [.customShort("l"), .long], help: "The layer; default: all.", completion: .layers)
    var layer: String?

    func run() throws {
        let layers = try layer.map { [try Layer(parsing: $0)] } ?? Layer.allCases
        switch kind {
        case .layers: for layer in Layer.allCases { Output.line("\(layer.name)  \(layer.displayName)") }
        case .environments: for name in try session.container().local.secrets.environments() { Output.line(name) }
        case .files:
            for path in try session.vault().encryptedFiles(of: layers) { Output.line(path) }
        case .services:
            let secrets = try session.container().local.secrets
            for layer in layers {
                do {
                    let services = try secrets.services(of: layer, environment: session.namedEnvironment())
                    for name in services { Output.line("\(layer.name)/\(name)") }
                } catch {
                    // A layer without credentials has no services.
                    guard error.code == .serviceNotFound, self.layer == nil else { throw error }
                }
            }
        }
    }
}

/// `kstack exec`.
struct Execute: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec",
        abstract: "Run a command with a layer's secrets as variables.",
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

    @Flag(help: "Hand on no other variables than PATH, HOME, TERM, LANG, LC_ALL, TZ, USER, LOGNAME and PWD.")
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

    /// What opens all of the vault, and is for this program alone.
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
        text = try KStackError.inMemory { () throws(SodiumError) in try SecretBytes(minimumCapacity: 4096) }
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

    /// Makes this process a command; returns only where that fails.
    func replaceProcess(_ arguments: [String], inherits: (String) -> Bool) -> FileError {
        Program.replace(arguments, lines: text, names: names, inherits: inherits)
    }
}

/// `kstack route`.
struct RouteCommand: ParsableCommand {
    /// What to do with the route.
    enum Action: String, ExpressibleByArgument, CaseIterable {
        case get
        case set
    }

    static let configuration = CommandConfiguration(
        commandName: "route",
        abstract: "Print the active route of a layer, or set it (in a pod).",
        discussion: "Examples:\n  kstack route get --layer layer3\n  kstack route set staging --layer layer3"
    )

    @OptionGroup var session: Session
    @OptionGroup var layer: LayerOption

    @Argument(help: "get or set.")
    var action = Action.get

    @Argument(help: "The route to set.")
    var route: String?

    func run() throws {
        let container = try session.container()
        switch action {
        case .get: Output.line(try container.configuration.activeRoute(of: layer.parsed()).name)
        case .set:
            guard let route else { throw ValidationError("give the route to set, such as staging") }
            try container.cluster.configuration.setActiveRoute(Route(parsing: route), of: layer.parsed())
        }
    }
}

/// `kstack context`.
struct ContextCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "context",
        abstract: "Print where this program runs, and by which signs that was decided."
    )

    func run() throws {
        let signs = ProcessContext.signs
        Output.line(signs.context == .cluster ? "cluster" : "local")
        Output.tell(signs.reason)
    }
}
