/// The four layers of a system.
public enum Layer: Int, CaseIterable, Sendable {
    case applications = 0
    case tenantInfrastructure = 1
    case globalServices = 2
    case globalInfrastructure = 3

    /// Its number, 0 to 3.
    public var number: Int { rawValue }

    /// Its name, which is also that of its folder in a vault.
    public var name: String { "layer\(rawValue)" }

    /// The fixed name of its Kubernetes namespace.
    public var namespace: String {
        switch self {
        case .applications: "layer-0-applications"
        case .tenantInfrastructure: "layer-1-tenant-infra"
        case .globalServices: "layer-2-global-services"
        case .globalInfrastructure: "layer-3-global-infra"
        }
    }

    /// What to call it in front of people.
    public var displayName: String {
        switch self {
        case .applications: "Layer 0: Applications"
        case .tenantInfrastructure: "Layer 1: Tenant Infrastructure"
        case .globalServices: "Layer 2: Global Services"
        case .globalInfrastructure: "Layer 3: Global Infrastructure"
        }
    }

    /// Reads a name, a number or a namespace, in upper or lower case.
    ///
    /// - Throws: `invalidArgument`.
    public init(parsing text: String) throws(KStackError) {
        let text = text.utf8.count <= 64 ? text : String(text.prefix(65))
        let lowered = text.lowercased()
        let found = Layer.allCases.first {
            lowered == $0.name || lowered == "\($0.number)" || lowered == $0.namespace
        }
        guard let found else {
            throw KStackError(
                .invalidArgument,
                "\(KStackError.quoted(text)) is no layer: use layer0, layer1, layer2 or layer3"
            )
        }
        self = found
    }
}
