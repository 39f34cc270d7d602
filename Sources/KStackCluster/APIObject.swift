/// A named object of the API; its parts need no escapes in a URL.
struct APIObject: Sendable {
    /// The kinds of objects that are used.
    enum Kind: String {
        case secret = "Secret"
        case configMap = "ConfigMap"

        /// Its name in a path and in a Role.
        var resource: String {
            switch self {
            case .secret: "secrets"
            case .configMap: "configmaps"
            }
        }

        /// Its name in a message.
        var word: String {
            switch self {
            case .secret: "Secret"
            case .configMap: "config map"
            }
        }
    }

    /// Whether it is a Secret or a config map.
    let kind: Kind

    /// Its name in the namespace.
    let name: String

    /// The namespace that it is in.
    let namespace: String

    /// Its path on the server.
    var path: String { "/api/v1/namespaces/\(namespace)/\(kind.resource)/\(name)" }

    /// Its kind, name and namespace, for a message.
    var description: String { "\(kind.word) '\(name)' in namespace '\(namespace)'" }
}
