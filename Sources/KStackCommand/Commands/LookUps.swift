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

    @Argument(help: "The name of one value, which is printed unchanged.")
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
    /// The lists that can be printed.
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
