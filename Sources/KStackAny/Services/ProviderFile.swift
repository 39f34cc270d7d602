import Documents

/// The configuration of a cloud provider: its kind, and the addresses of its services.
struct ProviderFile {
    /// The families, each with the implementations of its APIs.
    private static let implementations = [
        "aws": ["localstack", "aws", "digitalocean", "minio"], "gcp": ["gcp"], "azure": ["azure"],
    ]

    private static let families = ["aws", "gcp", "azure"]
    private static let textAllowed = "a string that is not empty, or null"

    /// Where it is from.
    let source: String

    /// The cloud whose APIs it has.
    let family: String

    /// The product behind those APIs.
    let implementation: String

    /// The region of services that name none.
    private let region: String?

    /// Whether certificates are checked, for services that do not say.
    private let verifiesTLS: Bool?

    /// The services: for each a mapping, or null.
    private let services: DocumentNode?

    /// Reads the file of a provider; unknown keys are ignored.
    ///
    /// - Throws: `configuration`, with everything that is wrong in it.
    init(_ file: ConfigurationFile, of provider: Name) throws(KStackError) {
        source = file.source
        let root = file.document.root
        guard root.kind == .mapping else {
            throw SchemaViolations.noMapping(file, keys: "name, provider_family, provider_implementation, services")
        }
        var violations = SchemaViolations(in: file.source)
        if root["name"]?.string != provider.text {
            violations.add("name", found: root["name"], allowed: "\(provider.text), the provider that was asked for")
        }
        family = violations.word(root, "provider_family", of: Self.families) ?? ""
        // Where the family is invalid, an implementation of no family is still reported.
        let fitting = Self.implementations[family] ?? Self.families.flatMap { Self.implementations[$0] ?? [] }
        implementation = violations.word(root, "provider_implementation", of: fitting) ?? ""
        region = violations.text(root, ServiceField.region.rawValue, at: "", allowed: Self.textAllowed)
        violations.checkTemplates(root[ServiceField.region.rawValue], ServiceField.region.rawValue)
        verifiesTLS = violations.truth(root, ServiceField.verification.rawValue, at: "")
        services = root["services"]
        Self.checkServices(services, &violations)
        try violations.conclude()
    }

    /// The valid names of services, and how many services there are.
    var listing: String {
        let count = services?.count ?? 0
        return KStackError.listing(validNames.prefix(50).map(\.text), of: count)
    }

    /// The services, by their names.
    var names: [Name] { Array(validNames) }

    private var validNames: some Sequence<Name> {
        (0..<(services?.count ?? 0)).lazy.compactMap { position in
            guard let name = (services?.entry(at: position)?.key ?? services?.element(at: position))?.string else {
                return nil
            }
            return try? Name(name, kind: "a service")
        }
    }

    /// The settings of a service; nil where the provider does not have it.
    func service(_ service: Name) -> DocumentNode? {
        guard let services, services.kind == .sequence else { return services?[service.text] }
        // A name alone is a service without settings.
        return (0..<services.count).lazy.compactMap { services.element(at: $0) }.first { $0.string == service.text }
    }

    /// The region of a service.
    func region(of service: DocumentNode) -> String? { text(.region, of: service) ?? region }

    /// Whether the certificates of a service are checked, "true" or "false"; nil where that is not configured.
    func configuredVerification(of service: DocumentNode) -> String? {
        text(.verification, of: service) ?? verifiesTLS.map { $0 ? "true" : "false" }
    }

    /// A string of a service; nil where it is absent or null.
    func text(_ field: ServiceField, of service: DocumentNode) -> String? { service[field.rawValue]?.string }

    private static func checkServices(_ node: DocumentNode?, _ violations: inout SchemaViolations) {
        if let node, node.kind == .sequence {
            for position in 0..<node.count {
                guard let element = node.element(at: position), !Name.isValid(element.string ?? "") else { continue }
                violations.add(
                    "services[\(position)]",
                    found: element,
                    allowed: "the name of a service (lower-case letters, digits, inner hyphens)"
                )
            }
            return
        }
        guard let node, node.kind == .mapping else {
            violations.add("services", found: node, allowed: "a mapping of services, or a list of their names")
            return
        }
        for position in 0..<node.count {
            guard let (key, service) = node.entry(at: position) else { continue }
            let path = SchemaViolations.path("services", key.string ?? "")
            if !Name.isValid(key.string ?? "") {
                violations.add(
                    "\(path) as a key",
                    found: key,
                    allowed: "the name of a service (lower-case letters, digits, inner hyphens)"
                )
            }
            switch service.kind {
            case .null: continue
            case .mapping: check(service, path, &violations)
            case .scalar, .sequence: violations.add(path, found: service, allowed: "a mapping, or null")
            }
        }
    }

    private static func check(_ service: DocumentNode, _ path: String, _ violations: inout SchemaViolations) {
        for field in [ServiceField.endpoint, .presignedDomain, .region] {
            _ = violations.text(service, field.rawValue, at: path, allowed: textAllowed)
        }
        _ = violations.truth(service, ServiceField.verification.rawValue, at: path)
        for position in 0..<service.count {
            guard let (key, value) = service.entry(at: position), let name = key.string else { continue }
            let place = SchemaViolations.path(path, name)
            if ServiceField.ofProvider.contains(where: { $0.rawValue == name }) {
                violations.add("\(place) as a key", found: key, allowed: "a name that the answer does not have itself")
            }
            // Other entries are the program's own, and may be secrets that belong in the vault.
            violations.checkTemplates(value, place, isShown: ServiceField.isOfService(name))
        }
    }
}

extension SchemaViolations {
    /// Looks for unknown names in braces, in a value and everything in it.
    fileprivate mutating func checkTemplates(_ node: DocumentNode?, _ path: String, isShown: Bool = true) {
        guard let node else { return }
        if node.kind == .scalar, !Template.isSound(node.textSpan) {
            let names = Template.names.map { "{{\($0)}}" }.joined(separator: ", ")
            add(path, found: node, allowed: names, isShown: isShown)
        }
        for position in 0..<node.count {
            if let element = node.element(at: position) {
                checkTemplates(element, "\(path)[\(position)]", isShown: isShown)
            }
            guard let (key, value) = node.entry(at: position) else { continue }
            checkTemplates(value, Self.path(path, key.string ?? ""), isShown: isShown)
        }
    }
}
