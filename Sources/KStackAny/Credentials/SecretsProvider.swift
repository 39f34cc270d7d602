/// Answers look-ups of credentials: from a vault, from Kubernetes Secrets, or from what a caller put in their place.
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

    /// The credentials with which a layer uses a service of a cloud provider.
    ///
    /// - Parameters:
    ///   - isTarget: whether the provider is the one that the environment deploys the layer to, rather than one that
    ///     overrides it.
    ///   - environment: nil for the detected one.
    func credentials(
        ofProvider provider: Name,
        isTarget: Bool,
        service: Name,
        layer: Layer,
        environment: Name?
    ) throws(KStackError) -> Credentials
}

extension SecretsProvider {
    /// Those of the service itself, or, where another provider overrides the target's, those named after that provider.
    public func credentials(
        ofProvider provider: Name,
        isTarget: Bool,
        service: Name,
        layer: Layer,
        environment: Name?
    ) throws(KStackError) -> Credentials {
        try credentials(service: isTarget ? service : provider, layer: layer, environment: environment)
    }
}
