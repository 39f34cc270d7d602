import ArgumentParser
import Documents
import KStack
import KStackAny
import KStackLocal
import Sodium
import System

/// `kstack manifests`.
struct Manifests: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print what pods of an environment need, for kubectl apply.",
        discussion: """
            Secrets, config maps, service account, Role and RoleBinding. Nothing is written to a file, and a terminal gets it \
            with --force only.

            Example:
              kstack manifests --environment production | kubectl apply --server-side -f -
            """
    )

    @OptionGroup var session: Session

    @Option(name: [.customShort("l"), .long], help: "A layer; default: all that have something.", completion: .layers)
    var layer: [String] = []

    @Flag(help: "Use the layers' fixed namespaces, such as layer-3-global-infra.")
    var fixedNamespaces = false

    @Flag(help: "Send secrets to a terminal, too.")
    var force = false

    func run() throws {
        try print(session.container())
    }

    private func print(_ container: Container) throws(KStackError) {
        guard force || !StandardStream.output.isTerminal else {
            throw KStackError(
                .invalidArgument,
                "these are secrets: pipe them to kubectl apply --server-side -f -, or use --force"
            )
        }
        let environment = if let named = try session.namedEnvironment() { named } else { try container.environment() }
        var layers = Layer.allCases
        if !layer.isEmpty {
            layers = []
            for text in layer {
                let named = try Layer(parsing: text)
                if !layers.contains(named) { layers.append(named) }
            }
        }
        let list = try ManifestList()
        var empty: [String] = []
        for layer in layers {
            let namespace = fixedNamespaces ? layer.namespace : "layer-\(layer.number)-\(environment.text)"
            // Only an environment's name can make it longer than a label.
            guard namespace.utf8.count <= 63 else {
                throw KStackError(
                    .configuration,
                    "environment '\(environment.text)': its namespace \(namespace) is longer than the 63 characters that a "
                        + "cluster takes; give the environment a name of at most 55, or use --fixed-namespaces"
                )
            }
            let manifests = LayerManifests(
                container: container,
                environment: environment,
                layer: layer,
                namespace: namespace
            )
            let hasObjects = try manifests.add(to: list)
            if !hasObjects { empty.append(layer.name) }
        }
        guard empty.count < layers.count else {
            throw KStackError(
                .serviceNotFound,
                "there is nothing for pods of environment '\(environment.text)' in \(empty.joined(separator: ", ")); see what "
                    + "there is with kstack ls, or name another environment with -e"
            )
        }
        // Without a named layer, empty ones are left out.
        if !layer.isEmpty, !empty.isEmpty {
            Output.tell(
                "kstack: there is nothing for pods of environment '\(environment.text)' in \(empty.joined(separator: ", "))"
            )
        }
        try list.write()
    }
}

/// The objects of one layer's namespace.
private struct LayerManifests {
    let container: Container
    let environment: Name
    let layer: Layer
    let namespace: String

    /// Adds the objects.
    ///
    /// - Returns: whether there are any.
    func add(to list: ManifestList) throws(KStackError) -> Bool {
        var secrets: [String] = []
        let local = try container.local
        // Reported first, since here the line is known.
        let problems = try local.secrets.clusterProblems(of: layer, environment: environment)
        guard problems.isEmpty else { throw KStackError(.configuration, problems.joined(separator: "; ")) }
        for service in try found({ () throws(KStackError) in
            try Array(local.secrets.services(of: layer, environment: environment))
        }) ?? [] {
            guard let name = try? Name(service, kind: "a service") else {
                throw KStackError(
                    .configuration,
                    "\(layer.name): \(KStackError.quoted(service)) cannot be part of a Secret's name"
                )
            }
            let credentials = try local.secrets.credentials(service: name, layer: layer, environment: environment)
            let object = ClusterNames.credentials(of: service, layer)
            try list.addSecret(object, namespace, credentials)
            secrets.append(object)
        }
        if let all = try found({ () throws(KStackError) in
            try local.secrets.secrets(of: layer, environment: environment)
        }) {
            let object = ClusterNames.secrets(of: layer)
            try list.addSecret(object, namespace, all)
            secrets.append(object)
        }
        let maps = try addConfiguration(to: list, &secrets)
        guard !secrets.isEmpty || !maps.isEmpty else { return false }
        try list.addRole(namespace, secrets: secrets, configMaps: maps + [ClusterNames.route])
        return true
    }

    /// Config maps of the files of environments and providers, and Secrets for services that a provider's own section opens.
    private func addConfiguration(to list: ManifestList, _ secrets: inout [String]) throws(KStackError) -> [String] {
        let configuration = container.configuration
        guard layer.hasCloudServices else { return [] }
        if try configuration.isAbsent(for: environment) { return [] }
        guard let root = try container.configRoot() else { return [] }
        // Without a provider and credentials no pod of the layer asks for configuration.
        if secrets.isEmpty, try container.serviceResolver.services(of: layer, environment: environment).isEmpty {
            return []
        }
        var maps: [String] = []
        for (map, folder) in [(ClusterNames.environments, "environments"), (ClusterNames.providers, "providers")] {
            var files: [(String, String)] = []
            let path = "\(root)/\(folder)"
            guard try ProjectFiles.exists(path) else { continue }
            let names = try mapError(KStackError.file, Directory.open(path: path).names())
            for name in names
            where name.hasByteSuffix(".yaml") && (map == ClusterNames.providers || name == "\(environment.text).yaml") {
                // No look-up can ask for a provider with an invalid name.
                guard Name.isValid(name.droppingByteSuffix(".yaml") ?? "") else {
                    list.tellOnce(
                        "kstack: \(KStackError.quoted("\(path)/\(name)")) is left out: invalid provider name; "
                            + "use lower-case letters, digits and inner hyphens"
                    )
                    continue
                }
                files.append((name, try ProjectFiles.read("\(path)/\(name)") ?? ""))
            }
            guard !files.isEmpty else { continue }
            let size = files.reduce(0) { $0 + $1.0.utf8.count + $1.1.utf8.count }
            guard size <= ClusterSecret.largest else {
                throw KStackError(
                    .configuration,
                    "\(path): the files for config map \(map) hold \(size) bytes, and a config map at most 1 MiB; remove what "
                        + "is not needed there"
                )
            }
            try list.addConfigMap(map, namespace, files)
            maps.append(map)
        }
        try addResolved(to: list, &secrets)
        return maps
    }

    /// In a pod one Secret answers both look-ups of a service, so the two places of a developer's machine must agree.
    private func addResolved(to list: ManifestList, _ secrets: inout [String]) throws(KStackError) {
        for service in try container.serviceResolver.services(of: layer, environment: environment) {
            let object = ClusterNames.credentials(of: service.text, layer)
            let credentials = try found { () throws(KStackError) in
                try container.serviceResolver.credentials(of: service, layer: layer, environment: environment)
            }
            guard let credentials else { continue }
            if secrets.contains(object) {
                let own = try container.local.secrets.credentials(
                    service: service,
                    layer: layer,
                    environment: environment
                )
                guard own.hasSameValues(as: credentials) else {
                    throw KStackError(
                        .configuration,
                        "\(layer.name): service '\(service.text)' has credentials of its own and others of its provider "
                            + "(\(credentials.sourceText)), and a pod has one Secret for both: keep one of the two"
                    )
                }
                continue
            }
            try list.addSecret(object, namespace, credentials)
            secrets.append(object)
        }
    }

    /// Nil for what is not found.
    private func found<Result>(_ body: () throws(KStackError) -> Result) throws(KStackError) -> Result? {
        do throws(KStackError) {
            return try body()
        } catch {
            guard error.code == .serviceNotFound else { throw error }
            return nil
        }
    }
}
