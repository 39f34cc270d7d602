import Documents

/// The configuration of an environment: which provider each layer is deployed to.
struct EnvironmentFile {
    /// Where it is from.
    let source: String

    /// The provider of each layer that has one.
    let targets: [Layer: Name]

    /// Whether a caller may name another provider than the target's.
    let allowsOverride: Bool

    /// Reads the file of an environment; unknown keys are ignored.
    ///
    /// - Throws: `configuration`, with everything that is wrong in it.
    init(_ file: ConfigurationFile, of environment: Name) throws(KStackError) {
        source = file.source
        let root = file.document.root
        guard root.kind == .mapping else {
            throw SchemaViolations.noMapping(file, keys: "environment, deployment_targets")
        }
        var violations = SchemaViolations(in: file.source)
        if root["environment"]?.string != environment.text {
            violations.add(
                "environment",
                found: root["environment"],
                allowed: "\(environment.text), the environment that was asked for"
            )
        }
        targets = Self.targets(root["deployment_targets"], environment, &violations)
        allowsOverride = violations.truth(root, "allow_provider_override", at: "") ?? false
        try violations.conclude()
    }

    private static func targets(
        _ node: DocumentNode?,
        _ environment: Name,
        _ violations: inout SchemaViolations
    ) -> [Layer: Name] {
        guard let node, node.kind == .mapping else {
            violations.add("deployment_targets", found: node, allowed: "a mapping of layers, each with a provider")
            return [:]
        }
        var seen: Set<Layer> = []
        var result: [Layer: Name] = [:]
        for position in 0..<node.count {
            guard let (key, target) = node.entry(at: position) else { continue }
            let path = SchemaViolations.path("deployment_targets", key.string ?? "")
            guard let layer = try? Layer(parsing: key.string ?? "") else {
                violations.add("\(path) as a key", found: key, allowed: "layer0, layer1, layer2, layer3")
                continue
            }
            if !seen.insert(layer).inserted {
                violations.add(
                    "\(path) as a key",
                    found: key,
                    allowed: "each layer once, and \(layer.name) came before"
                )
            }
            guard target.kind == .mapping else {
                violations.add(path, found: target, allowed: "a mapping with provider")
                continue
            }
            let template = Template(layer: layer, environment: environment)
            let provider = target["provider"]
            if let text = provider?.string, Template.isSound(text),
                let name = try? Name(template.expand(text), kind: "a provider")
            {
                result[layer] = name
            } else if layer.hasCloudServices || provider != nil {
                violations.add(
                    "\(path).provider",
                    found: provider,
                    allowed: "the name of a provider (lower-case letters, digits, inner hyphens)"
                )
            }
        }
        return result
    }
}

extension Layer {
    /// Whether the layer has services of cloud providers at all.
    package var hasCloudServices: Bool {
        switch self {
        case .tenantInfrastructure, .globalInfrastructure: true
        case .applications, .globalServices: false
        }
    }
}
