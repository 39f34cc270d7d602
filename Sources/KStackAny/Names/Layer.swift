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

    /// The name for people.
    public var displayName: String {
        switch self {
        case .applications: "Layer 0: Applications"
        case .tenantInfrastructure: "Layer 1: Tenant Infrastructure"
        case .globalServices: "Layer 2: Global Services"
        case .globalInfrastructure: "Layer 3: Global Infrastructure"
        }
    }

    /// A string without white space at its ends.
    private static func trimmed(_ text: String) -> String {
        let isNotSpace: (UInt8) -> Bool = { $0 != 0x20 && !(0x09...0x0D).contains($0) }
        let bytes = Array(text.utf8)
        guard let first = bytes.firstIndex(where: isNotSpace), let last = bytes.lastIndex(where: isNotSpace) else {
            return ""
        }
        return String(decoding: bytes[first...last], as: UTF8.self)
    }

    /// Reads a name, a number or a namespace, in upper or lower case, with or without white space around it.
    ///
    /// - Throws: `invalidArgument`.
    public init(parsing text: String) throws(KStackError) {
        let text = text.utf8.count <= 128 ? text : String(text.prefix(129))
        let lowered = Self.trimmed(text).lowercased()
        let found = Layer.allCases.first {
            lowered == $0.name || lowered == "\($0.number)" || lowered == $0.namespace
        }
        guard let found else {
            throw KStackError(
                .invalidArgument,
                "invalid layer \(KStackError.quoted(text)): use layer0, layer1, layer2 or layer3"
            )
        }
        self = found
    }
}
