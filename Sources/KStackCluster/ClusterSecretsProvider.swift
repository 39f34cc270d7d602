import Documents
public import KStackAny
import Sodium

/// Answers look-ups of credentials from Kubernetes Secrets: mounted as files, or by way of the API server.
///
/// Nothing is cached: a Secret that was rotated is seen at the next call.
public final class ClusterSecretsProvider: SecretsProvider {
    private let pod: Pod

    /// Makes a provider; nothing is read or sent yet.
    public init(pod: Pod) {
        self.pod = pod
    }

    /// The credentials of a service: Secret `<layer>-<service>-credentials` in the pod's namespace.
    public func credentials(
        service: Name,
        layer: Layer,
        environment: Name?
    ) throws(KStackError) -> Credentials {
        try secret(named: ClusterNames.credentials(of: service.text, layer), environment)
    }

    /// All secrets that a layer may see: Secret `<layer>-secrets` in the pod's namespace.
    public func secrets(of layer: Layer, environment: Name?) throws(KStackError) -> Credentials {
        try secret(named: ClusterNames.secrets(of: layer), environment)
    }

    /// A Secret of the pod's own namespace, from its mount where it has one.
    private func secret(named name: String, _ environment: Name?) throws(KStackError) -> Credentials {
        let namespace = try pod.namespace()
        try namespace.check(environment)
        if let mounted = try MountedSecret(path: "\(pod.mounts)/\(name)").credentials() { return mounted }
        return try secret(named: name, in: namespace)
    }

    /// Gets a Secret and decodes its values.
    private func secret(named name: String, in namespace: PodNamespace) throws(KStackError) -> Credentials {
        let object = APIObject(kind: .secret, name: name, namespace: namespace.text)
        let document = try pod.client.get(object)
        let version = document.root["metadata"]?["resourceVersion"]?.string ?? "unknown"
        let isPlain = (1...64).contains(version.utf8.count) && Name.isValid(version)
        let source = "Secret \(namespace.text)/\(name) (resourceVersion \(isPlain ? version : "unknown"))"
        let data = document.root["data"]
        switch data?.kind {
        case .mapping, .null, nil: break
        case .scalar, .sequence:
            throw KStackError(.clusterAPI, "\(source) has data that is not a mapping; find out what changes the answer")
        }
        guard let data, data.count > 0 else {
            throw KStackError(
                .serviceNotFound,
                "\(source) has no data: put the credentials into it, each value under its name"
            )
        }
        return try Credentials(mapping: ClusterSecretsProvider.decoded(data, source).root, source: source)
    }

    /// A mapping of names to the decoded values.
    private static func decoded(_ data: DocumentNode, _ source: String) throws(KStackError) -> Document {
        var mapping = try mapError(noMemory, MappingBuilder())
        for position in 0..<data.count {
            guard let (key, value) = data.entry(at: position) else { continue }
            guard value.isText, let bytes = try decoded(value) else {
                // An invalid name may be a value in the wrong place.
                let name = key.string.flatMap { ConfigMapKey.isValid($0) ? "'\($0)'" : nil } ?? "of an invalid name"
                throw KStackError(
                    .clusterAPI,
                    "\(source) holds a value, \(name), that is not base64; find out what changes the answer"
                )
            }
            try mapError(noMemory, mapping.append(key.textSpan, text: bytes.span))
        }
        // A closure cannot consume what it captures.
        do throws(DocumentError) {
            return try mapping.finish()
        } catch {
            throw noMemory(error)
        }
    }

    private static func decoded(_ value: DocumentNode) throws(KStackError) -> SecretBytes? {
        try mapError(KStackError.memory, SecretBytes.decoding(base64: value.textSpan))
    }

    private static func noMemory(_ error: DocumentError) -> KStackError {
        KStackError(.internal, "the Secret could not be kept: \(error.description)")
    }
}
