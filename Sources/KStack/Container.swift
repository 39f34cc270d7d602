package import Age
import CKStack
package import KStackAny
package import KStackCluster
package import KStackLocal
import Sodium
package import System

/// The composition root: what look-ups share, wired for the context of the process.
package final class Container: Sendable, ScopeHolder {
    /// The version of the library.
    package static var version: String { KSTACK_VERSION }

    /// The options of a container.
    package struct Options: Sendable {
        package var projectRoot: String?
        package var identityFile: String?
        package var passphrase: Passphrase?

        /// How long a call to the API server may take, in milliseconds.
        package var timeout = 5000
        package var log = Log()

        /// Makes options with defaults.
        package init(projectRoot: String? = nil, identityFile: String? = nil) {
            self.projectRoot = projectRoot
            self.identityFile = identityFile
        }
    }

    /// The parts on a developer's machine.
    package struct Local: Sendable {
        package let project: Project
        package let identities: IdentityStore
        package let secrets: LocalSecretsProvider
        package let configuration: LocalConfigurationProvider
    }

    /// The parts in a pod.
    package struct Cluster: Sendable {
        let secrets: ClusterSecretsProvider
        package let configuration: ClusterConfiguration
        let configMaps: ConfigMaps
    }

    /// The parts, by context.
    private enum Wiring: Sendable {
        case local(Local)
        case cluster(Cluster)
    }

    private let signs: ContextSigns
    private let wiring: Wiring
    private let ownProvider = Guarded<(any SecretsProvider)?>(nil)
    private let log: Log

    /// The scope that ends its calls; nil for none.
    package let scope: Scope?

    /// The parent of a scope, whose provider answers where the scope has none of its own.
    private let parent: Container?

    /// Makes a container that shares everything with another, and whose calls end with a scope.
    package init(within parent: Container, _ scope: Scope) {
        self.parent = parent
        self.scope = scope
        signs = parent.signs
        wiring = parent.wiring
        log = parent.log
    }

    /// Wires a container; in a pod nothing of a developer's machine is made or read.
    ///
    /// - Parameter version: of the library, for the API server's log.
    package init(
        _ options: Options,
        signs: ContextSigns,
        variables: Variables,
        version: String
    ) throws(KStackError) {
        self.signs = signs
        log = options.log
        scope = nil
        parent = nil
        switch signs.context {
        case .local:
            let project = try Project(root: options.projectRoot, user: variables.user, place: signs.reason)
            let identities = IdentityStore(
                file: try options.identityFile.map { (path) throws(KStackError) in try Project.absolute(path) },
                passphrase: options.passphrase,
                variables: variables,
                log: options.log
            )
            let secrets = LocalSecretsProvider(project: project, identities: identities, log: options.log)
            let configuration = LocalConfigurationProvider(project: project, variables: variables)
            wiring = .local(
                Local(project: project, identities: identities, secrets: secrets, configuration: configuration)
            )
        case .cluster:
            let pod = Pod(version: version, variables: variables, timeout: options.timeout, log: options.log)
            wiring = .cluster(
                Cluster(
                    secrets: ClusterSecretsProvider(pod: pod),
                    configuration: ClusterConfiguration(pod: pod),
                    configMaps: ConfigMaps(pod: pod)
                )
            )
        }
    }

    /// Answers look-ups of credentials: the program's own provider where one was set, else the wired one.
    package var secretsProvider: any SecretsProvider {
        if let provider = ownProvider.withLock({ $0 }) { return provider }
        if let parent { return parent.secretsProvider }
        return switch wiring {
        case .local(let local): local.secrets
        case .cluster(let cluster): cluster.secrets
        }
    }

    /// Sets a provider in place of the wired one, or restores that for nil; running look-ups keep the one they have.
    func setSecretsProvider(_ provider: (any SecretsProvider)?) {
        var previous = provider
        ownProvider.withLock { swap(&$0, &previous) }
        // Outside of the lock, since releasing the last reference runs code of the program.
        withExtendedLifetime(previous) {}
    }

    /// The provider of configuration.
    package var configuration: any ConfigurationProvider {
        switch wiring {
        case .local(let local): local.configuration
        case .cluster(let cluster): cluster.configuration
        }
    }

    /// Finds the services of cloud providers.
    package var serviceResolver: ServiceResolver {
        ServiceResolver(configuration: configuration, secrets: secretsProvider)
    }

    /// The detected environment.
    package func environment() throws(KStackError) -> Name {
        try configuration.environment()
    }

    /// The folder that holds the configuration of environments and providers; nil in a pod.
    package func configRoot() throws(KStackError) -> String? {
        switch wiring {
        case .local(let local): return try local.project.configRoot()
        case .cluster: return nil
        }
    }

    /// The folder of vaults; nil in a pod.
    package func vaultRoot() throws(KStackError) -> String? {
        switch wiring {
        case .local(let local): return try local.project.vaultRoot()
        case .cluster: return nil
        }
    }

    /// The parts on a developer's machine.
    ///
    /// - Throws: `environment` in a pod.
    package var local: Local {
        get throws(KStackError) {
            switch wiring {
            case .local(let local): return local
            case .cluster:
                try signs.require(.local, for: "the vault")
                throw KStackError(.internal, "a container was wired for a pod outside of one")
            }
        }
    }

    /// The parts in a pod.
    ///
    /// - Throws: `environment` outside of one.
    package var cluster: Cluster {
        get throws(KStackError) {
            switch wiring {
            case .cluster(let cluster): return cluster
            case .local:
                try signs.require(.cluster, for: "the Kubernetes API")
                throw KStackError(.internal, "a container was wired for a developer's machine in a pod")
            }
        }
    }

    /// Opens the vault of an environment; nil for the detected one.
    package func openVault(_ environment: Name?) throws(KStackError) -> Vault {
        try local.secrets.openVault(environment)
    }
}
