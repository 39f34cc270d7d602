/// Answers look-ups of credentials: from a vault, from Kubernetes Secrets, or from what a caller put in their place.
public protocol SecretsProvider: Sendable {
    /// The credentials of a service.
    ///
    /// - Parameter environment: nil for the detected one.
    func credentials(service: Name, layer: Layer, environment: Name?) throws(KStackError) -> Credentials
}
