/// The names of kstack's objects in a cluster, for those who write them and those who read them.
package enum ClusterNames {
    /// The config map that holds the active route of a layer, in its namespace.
    package static let route = "kstack-route"

    /// The config map with the files of environments.
    package static let environments = "kstack-environments"

    /// The config map with the files of providers.
    package static let providers = "kstack-providers"

    /// The Secret with the credentials of a service.
    package static func credentials(of service: String, _ layer: Layer) -> String {
        "\(layer.name)-\(service)-credentials"
    }

    /// The Secret with all secrets that a layer may see.
    package static func secrets(of layer: Layer) -> String {
        "\(layer.name)-secrets"
    }
}
