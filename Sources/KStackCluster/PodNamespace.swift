import KStackAny

/// The namespace that the pod runs in, mostly `layer-<number>-<environment>`, with its layer and environment.
struct PodNamespace: Sendable {
    /// The namespace itself.
    let text: String

    /// The layer that its number names; nil for a namespace of another shape.
    let layer: Layer?

    /// The environment: everything after the number, else that of the variable.
    let environment: Name

    /// The variable that names the environment of a pod whose namespace does not.
    static let variable = "KSTACK_ENVIRONMENT"

    /// Reads a namespace.
    ///
    /// - Parameter named: the environment that the pod's manifest names.
    /// - Throws: `configuration` where nothing names the environment, or both do and differ.
    init(_ text: String, named: String?) throws(KStackError) {
        let own = try named.map { (named) throws(KStackError) in try Self.environment(named) }
        let parts = text.split(separator: "-", maxSplits: 2, omittingEmptySubsequences: false)
        self.text = text
        if Name.isValid(text), parts.count == 3, parts[0] == "layer",
            let layer = Layer.allCases.first(where: { parts[1] == "\($0.number)" }),
            let environment = try? Name(String(parts[2]), kind: "an environment")
        {
            guard own == nil || own == environment else {
                throw KStackError(
                    .configuration,
                    "the pod's namespace '\(text)' says environment '\(environment.text)', and \(Self.variable) says "
                        + "'\(own?.text ?? "")': remove the variable from the pod's manifest, or correct it"
                )
            }
            self.layer = layer
            self.environment = environment
            return
        }
        guard Name.isValid(text), let own else {
            throw KStackError(
                .configuration,
                "cannot determine the environment from namespace \(KStackError.quoted(text)), which is not of the form "
                    + "layer-<0 to 3>-<environment>, such as layer-3-production; set \(Self.variable) in the pod's "
                    + "manifest (running with a wrong environment is dangerous, so none is assumed)"
            )
        }
        layer = nil
        environment = own
    }

    private static func environment(_ text: String) throws(KStackError) -> Name {
        do throws(KStackError) {
            return try Name(text, kind: "an environment")
        } catch {
            throw KStackError(.configuration, "\(variable): \(error.message)")
        }
    }

    /// The namespace of a layer.
    func namespace(of other: Layer) throws(KStackError) -> String {
        guard let layer else { return other.namespace }
        if other == layer { return text }
        if text == layer.namespace { return other.namespace }
        return "layer-\(other.number)-\(environment.text)"
    }

    /// Refuses an environment other than the pod's own; nil is the pod's own.
    func check(_ asked: Name?) throws(KStackError) {
        guard let asked, asked != environment else { return }
        throw KStackError(
            .configuration,
            "environment '\(asked.text)' was asked for in a pod of environment '\(environment.text)' (namespace "
                + "'\(text)'): a pod has the credentials of its own environment only; leave the environment out"
        )
    }
}
