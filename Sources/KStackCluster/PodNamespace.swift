import KStackAny

/// The namespace that the pod runs in, `layer-<number>-<environment>`, and what follows from it.
struct PodNamespace: Sendable {
    /// The namespace itself.
    let text: String

    /// The layer that its number names.
    let layer: Layer

    /// The environment: everything after the number.
    let environment: Name

    /// Reads a namespace.
    ///
    /// - Throws: `configuration` for one of another shape.
    init(_ text: String) throws(KStackError) {
        let parts = text.split(separator: "-", maxSplits: 2, omittingEmptySubsequences: false)
        guard Name.isValid(text), parts.count == 3, parts[0] == "layer",
            let layer = Layer.allCases.first(where: { parts[1] == "\($0.number)" }),
            let environment = try? Name(String(parts[2]), kind: "an environment")
        else {
            throw KStackError(
                .configuration,
                "the pod's namespace \(KStackError.quoted(text)) does not tell the environment: it must be "
                    + "layer-<0 to 3>-<environment>, such as layer-3-production; running with a wrong environment is "
                    + "dangerous, so none is assumed"
            )
        }
        self.text = text
        self.layer = layer
        self.environment = environment
    }

    /// The namespace of a layer.
    func namespace(of other: Layer) throws(KStackError) -> String {
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
