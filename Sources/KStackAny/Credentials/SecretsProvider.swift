/// Answers look-ups of credentials: from a vault, from Kubernetes Secrets, or from the program itself.
public protocol SecretsProvider: Sendable {
    /// The credentials of a service.
    ///
    /// - Parameter environment: nil for the detected one.
    func credentials(service: Name, layer: Layer, environment: Name?) throws(KStackError) -> Credentials

    /// All secrets that a layer may see, its own and those that others share with it.
    ///
    /// - Parameter environment: nil for the detected one.
    /// - Throws: `serviceNotFound` where there is nothing for the layer.
    func secrets(of layer: Layer, environment: Name?) throws(KStackError) -> Credentials

    /// The credentials with which a layer uses a service of the provider that the environment deploys it to.
    ///
    /// - Parameter environment: nil for the detected one.
    func credentials(
        service: Name,
        ofTarget provider: Name,
        layer: Layer,
        environment: Name?
    ) throws(KStackError) -> Credentials

    /// The credentials with which a layer uses the services of another provider.
    ///
    /// - Parameter environment: nil for the detected one.
    func credentials(
        ofProvider provider: Name,
        layer: Layer,
        environment: Name?
    ) throws(KStackError) -> Credentials
}

extension SecretsProvider {
    /// By default those of the service itself.
    public func credentials(
        service: Name,
        ofTarget provider: Name,
        layer: Layer,
        environment: Name?
    ) throws(KStackError) -> Credentials {
        try credentials(service: service, layer: layer, environment: environment)
    }

    /// By default those of a service named after the provider.
    public func credentials(
        ofProvider provider: Name,
        layer: Layer,
        environment: Name?
    ) throws(KStackError) -> Credentials {
        try credentials(service: provider, layer: layer, environment: environment)
    }
}
