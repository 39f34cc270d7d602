import Age
import KStackAny
import KStackLocal
import Sodium

/// The composition root: what look-ups share, wired for the context that the process runs in.
final class Container: Sendable {
    /// How the caller wants it.
    struct Options: Sendable {
        var projectRoot: String?
        var identityFile: String?
        var passphrase: Passphrase?
        var log = Log()
    }

    /// What is wired on a developer's machine.
    struct Local: Sendable {
        let project: Project
        let identities: IdentityStore
        let secrets: LocalSecretsProvider
        let configuration: LocalConfigurationProvider
    }

    /// What is wired, by context.
    private enum Wiring: Sendable {
        case local(Local)
        case cluster
    }

    private let signs: ContextSigns
    private let wiring: Wiring
    private let ownProvider = Guarded<(any SecretsProvider)?>(nil)
    private let log: Log

    /// Wires a container; in a pod nothing of a developer's machine is made or looked at.
    init(_ options: Options, signs: ContextSigns, variables: Variables) throws(KStackError) {
        self.signs = signs
        log = options.log
        switch signs.context {
        case .local:
            let project = try Project(root: options.projectRoot, user: variables.user)
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
            wiring = .cluster
        }
    }

    /// Answers look-ups of credentials: the program's own provider where one was put in place, else the wired one.
    var secretsProvider: any SecretsProvider {
        get throws(KStackError) {
            if let provider = ownProvider.withLock({ $0 }) { return provider }
            switch wiring {
            case .local(let local): return local.secrets
            case .cluster: throw notInClusterYet("credentials from Kubernetes Secrets")
            }
        }
    }

    /// Puts a provider in place of the wired one, or restores that for nil; running look-ups keep the one they have.
    func setSecretsProvider(_ provider: (any SecretsProvider)?) {
        var previous = provider
        ownProvider.withLock { swap(&$0, &previous) }
        // The last reference may end here, and then code of the program runs: not under the lock.
        withExtendedLifetime(previous) {}
    }

    /// Gives what is configured.
    var configuration: any ConfigurationProvider {
        get throws(KStackError) {
            switch wiring {
            case .local(let local): local.configuration
            case .cluster: throw notInClusterYet("the configuration of a pod")
            }
        }
    }

    /// Finds the services of cloud providers.
    var serviceResolver: ServiceResolver {
        get throws(KStackError) {
            ServiceResolver(configuration: try configuration, secrets: try secretsProvider)
        }
    }

    /// The environment that is detected.
    func environment() throws(KStackError) -> Name {
        switch wiring {
        case .local(let local): return try local.project.environment()
        case .cluster: throw notInClusterYet("the environment of a pod")
        }
    }

    /// The folder that holds the configuration of environments and providers; nil in a pod.
    func configRoot() throws(KStackError) -> String? {
        switch wiring {
        case .local(let local): return try local.project.configRoot()
        case .cluster: return nil
        }
    }

    /// The folder of vaults; nil in a pod.
    func vaultRoot() throws(KStackError) -> String? {
        switch wiring {
        case .local(let local): return try local.project.vaultRoot()
        case .cluster: return nil
        }
    }

    /// What is wired on a developer's machine.
    ///
    /// - Throws: `environment` in a pod.
    var local: Local {
        get throws(KStackError) {
            switch wiring {
            case .local(let local): return local
            case .cluster:
                try signs.require(.local, for: "the vault")
                throw KStackError(.internal, "a container was wired for a pod outside of one")
            }
        }
    }

    /// Opens the vault of an environment; nil for the detected one.
    func openVault(_ environment: Name?) throws(KStackError) -> Vault {
        let local = try local
        let environment = if let environment { environment } else { try local.project.environment() }
        return try Vault(project: local.project, identities: local.identities, environment: environment, log: log)
    }

    private func notInClusterYet(_ subject: String) -> KStackError {
        KStackError(
            .environment,
            "this version of kstack does not give \(subject) (\(signs.reason)); run it on a developer's machine"
        )
    }
}
