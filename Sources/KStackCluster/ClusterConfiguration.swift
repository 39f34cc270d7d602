import Documents
public import KStackAny
import Sodium

/// Configuration from config maps, and the active route.
public final class ClusterConfiguration: ConfigurationProvider {
    private static let routeKey = "active-route"

    private let pod: Pod

    /// Makes a provider; nothing is read or sent yet.
    public init(pod: Pod) {
        self.pod = pod
    }

    /// The environment that the pod's namespace names.
    public func environment() throws(KStackError) -> Name {
        try pod.namespace().environment
    }

    /// Key `<name>.yaml` of config map `kstack-environments` in the pod's namespace.
    ///
    /// - Throws: `configuration` also for another environment than the pod's own, before anything is sent.
    public func environmentFile(_ name: Name) throws(KStackError) -> ConfigurationFile {
        try pod.namespace().check(name)
        return try file(name, in: ClusterNames.environments)
    }

    /// Key `<name>.yaml` of config map `kstack-providers` in the pod's namespace.
    public func providerFile(_ name: Name) throws(KStackError) -> ConfigurationFile {
        try file(name, in: ClusterNames.providers)
    }

    /// Whether neither of the two config maps exists; false, without a request, for another environment than the pod's
    /// own.
    public func isAbsent(for environment: Name) throws(KStackError) -> Bool {
        guard try pod.namespace().environment == environment else { return false }
        for map in [ClusterNames.environments, ClusterNames.providers] {
            let object = APIObject(kind: .configMap, name: map, namespace: try pod.namespace().text)
            do throws(KStackError) {
                _ = try pod.client.get(object)
                return false
            } catch {
                guard error.code == .serviceNotFound else { throw error }
            }
        }
        return true
    }

    /// The route of `KSTACK_ROUTE`, else of config map `kstack-route` in the layer's namespace, else `development`.
    public func activeRoute(of layer: Layer) throws(KStackError) -> Route {
        if let route = try Route.ofVariable(pod.variables) { return route }
        let object = try routeObject(of: layer)
        let document: Document
        do throws(KStackError) {
            document = try pod.client.get(object)
        } catch {
            if error.code == .serviceNotFound { return .development }
            throw error
        }
        guard let value = try ConfigMaps.value(of: Self.routeKey, in: document, object) else { return .development }
        return try Route(parsing: value.string ?? "", of: "key '\(Self.routeKey)' of \(object.description)")
    }

    /// Writes the route of a layer into config map `kstack-route` in its namespace, which must exist.
    public func setActiveRoute(_ route: Route, of layer: Layer) throws(KStackError) {
        let object = try routeObject(of: layer)
        // Neither the key nor the name of a route has a character that JSON would escape.
        try pod.client.patch(object, with: "{\"data\":{\"\(Self.routeKey)\":\"\(route.name)\"}}") { document in
            document.root["data"]?[Self.routeKey]?.string == route.name
        }
    }

    private func routeObject(of layer: Layer) throws(KStackError) -> APIObject {
        APIObject(kind: .configMap, name: ClusterNames.route, namespace: try pod.namespace().namespace(of: layer))
    }

    private func file(_ name: Name, in map: String) throws(KStackError) -> ConfigurationFile {
        let object = APIObject(kind: .configMap, name: map, namespace: try pod.namespace().text)
        let key = "\(name.text).yaml"
        let source = "key '\(key)' of \(object.description)"
        let document: Document
        do throws(KStackError) {
            document = try pod.client.get(object)
        } catch {
            guard error.code == .serviceNotFound else { throw error }
            throw KStackError(.configuration, error.message)
        }
        guard let value = try ConfigMaps.value(of: key, in: document, object) else {
            throw KStackError(
                .configuration,
                "no \(source); available: \(ConfigMaps.keys(of: document))"
            )
        }
        let parsed = try mapError(KStackError.document(at: source), Document.parse(yaml: value.textSpan))
        return ConfigurationFile(document: parsed, source: source)
    }
}
