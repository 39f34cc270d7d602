/// Answers look-ups of credentials: from a vault, from Kubernetes Secrets, or from what a caller put in their place.
public protocol SecretsProvider: Sendable {
    /// The credentials of a service.
    ///
    /// - Parameter environment: nil for the detected one.
    func credentials(service: Name, layer: Layer, environment: Name?) throws(KStackError) -> Credentials
}

/// Tells the environment of the place where the process runs, and where its files are.
public protocol EnvironmentDetector: Sendable {
    /// The environment.
    func environment() throws(KStackError) -> Name

    /// The folder that holds the configuration of environments and providers; nil in a pod.
    func configRoot() throws(KStackError) -> String?

    /// The folder of vaults; nil in a pod.
    func vaultRoot() throws(KStackError) -> String?
}
