import Documents
import Sodium

/// Finds the provider that serves a layer, the address of its service and the credentials, in every context alike.
public struct ServiceResolver: Sendable {
    private let configuration: any ConfigurationProvider
    private let secrets: any SecretsProvider

    /// Resolves from a configuration and a provider of secrets.
    public init(configuration: any ConfigurationProvider, secrets: any SecretsProvider) {
        self.configuration = configuration
        self.secrets = secrets
    }

    /// Endpoint, region and credentials of a service.
    ///
    /// - Parameters:
    ///   - environment: nil for the detected one.
    ///   - provider: nil for the one that the environment deploys the layer to.
    /// - Throws: `layerAccess` for a layer that has no cloud services; `configuration` for invalid files, and for
    ///   another provider where none is allowed; `serviceNotFound`; what the providers throw.
    public func resolve(
        _ service: Name,
        layer: Layer,
        environment: Name?,
        provider: Name?
    ) throws(KStackError) -> Credentials {
        guard layer.hasCloudServices else {
            let layers = Layer.allCases.filter(\.hasCloudServices).map(\.name).joined(separator: " and ")
            throw KStackError(.layerAccess, "\(layer.name) has no cloud services; only \(layers) have them")
        }
        let environment = if let environment { environment } else { try configuration.environment() }
        let given: ConfigurationFile
        do throws(KStackError) {
            given = try configuration.environmentFile(environment)
        } catch {
            guard error.code == .configuration, provider == nil, try configuration.isAbsent(for: environment) else {
                throw error
            }
            return try unconfigured(service, layer, environment)
        }
        let file = try EnvironmentFile(given, of: environment)
        let chosen = try choose(provider, of: layer, file)
        let providerFile = try ProviderFile(configuration.providerFile(chosen.provider), of: chosen.provider)
        guard let node = providerFile.service(service) else {
            throw KStackError(
                .serviceNotFound,
                "no service '\(service.text)' in \(providerFile.source); available: \(providerFile.listing)"
            )
        }
        let credentials =
            if chosen.isTarget {
                try secrets.credentials(
                    service: service,
                    ofTarget: chosen.provider,
                    layer: layer,
                    environment: environment
                )
            } else {
                try secrets.credentials(ofProvider: chosen.provider, layer: layer, environment: environment)
            }
        let source = "\(providerFile.source) and \(credentials.sourceText)"
        try check(credentials, against: node)
        let template = Template(layer: layer, environment: environment)
        let head = try Self.head(chosen.provider, providerFile, node, template, credentials)
        let extras = try Self.extras(node, template)
        let others = try credentials.leavingOut(ServiceField.ofService.map(\.rawValue))
        return try Credentials(joining: [head, others, extras], source: source)
    }

    /// The services that the provider of a layer has; none where it has no provider.
    package func services(of layer: Layer, environment: Name) throws(KStackError) -> [Name] {
        guard let (_, file) = try target(of: layer, environment) else { return [] }
        return file.names
    }

    /// The credentials with which a layer uses a service of its provider.
    package func credentials(of service: Name, layer: Layer, environment: Name) throws(KStackError) -> Credentials {
        guard let (provider, _) = try target(of: layer, environment) else {
            throw KStackError(.serviceNotFound, "\(layer.name) has no provider in environment '\(environment.text)'")
        }
        return try secrets.credentials(service: service, ofTarget: provider, layer: layer, environment: environment)
    }

    private func target(of layer: Layer, _ environment: Name) throws(KStackError) -> (Name, ProviderFile)? {
        let file = try EnvironmentFile(configuration.environmentFile(environment), of: environment)
        guard let provider = file.targets[layer] else { return nil }
        return (provider, try ProviderFile(configuration.providerFile(provider), of: provider))
    }

    /// A service of a project without configuration: its credentials hold its address.
    private func unconfigured(
        _ service: Name,
        _ layer: Layer,
        _ environment: Name
    ) throws(KStackError) -> Credentials {
        let credentials = try secrets.credentials(service: service, layer: layer, environment: environment)
        try Self.checkLengths(of: credentials)
        let region = credentials.text(.region) ?? credentials.text(named: ServiceField.otherRegion)
        let endpoint = credentials.text(.endpoint)
        guard region != nil || endpoint != nil else {
            throw KStackError(
                .configuration,
                "nothing is configured for environment '\(environment.text)' (no environments/), and so "
                    + "\(credentials.sourceText) must say where '\(service.text)' is: add endpoint_url or region"
            )
        }
        try Self.checkNotTaken(credentials)
        let verify = credentials.text(.verification)
        guard verify == nil || verify == "true" || verify == "false" else {
            throw KStackError(.configuration, "\(credentials.sourceText): verify_ssl must be true or false")
        }
        let fields: [(ServiceField, String?)] = [
            (.region, region), (.endpoint, endpoint), (.presignedDomain, credentials.text(.presignedDomain)),
            (.verification, verify ?? "true"),
        ]
        let others = try credentials.leavingOut(ServiceField.ofService.map(\.rawValue) + [ServiceField.otherRegion])
        return try Credentials(joining: [Self.build(fields), others], source: credentials.sourceText)
    }

    /// The provider that the caller names, where that is allowed, else the layer's own.
    private func choose(
        _ provider: Name?,
        of layer: Layer,
        _ file: EnvironmentFile
    ) throws(KStackError) -> (provider: Name, isTarget: Bool) {
        let target = file.targets[layer]
        if let target, provider == nil || provider == target { return (target, true) }
        guard let provider else {
            let layers = Layer.allCases.filter { file.targets[$0] != nil }.map(\.name)
            throw KStackError(
                .configuration,
                "\(file.source) has no deployment_targets.\(layer.name).provider; layers with one: "
                    + KStackError.listing(layers, of: layers.count)
            )
        }
        guard file.allowsOverride else {
            throw KStackError(
                .configuration,
                "provider '\(provider.text)' is not the one of \(layer.name) in \(file.source) "
                    + "(\(target.map { "'\($0.text)'" } ?? "none")), which does not let it be replaced; leave it out, or "
                    + "set allow_provider_override: true there"
            )
        }
        return (provider, false)
    }

    /// Refuses credentials that are empty, or have a name that means something else in the answer.
    private func check(_ credentials: Credentials, against service: DocumentNode) throws(KStackError) {
        guard credentials.holdsAnything else {
            throw KStackError(.serviceNotFound, "\(credentials.sourceText) holds no credentials: every value is empty")
        }
        try Self.checkNotTaken(credentials)
        for position in 0..<service.count {
            guard let key = service.entry(at: position)?.key, !ServiceField.isOfService(key.string) else {
                continue
            }
            if credentials.value(named: key.textSpan) != nil { throw Self.taken(key.string ?? "", credentials) }
        }
        try Self.checkLengths(of: credentials)
    }

    /// Refuses credentials with a name that the answer has for the provider.
    private static func checkNotTaken(_ credentials: Credentials) throws(KStackError) {
        for field in ServiceField.ofProvider where credentials.value(named: field.rawValue.utf8.span) != nil {
            throw taken(field.rawValue, credentials)
        }
    }

    /// Refuses values that are too long for a region or an address.
    private static func checkLengths(of credentials: Credentials) throws(KStackError) {
        for name in ServiceField.ofService.map(\.rawValue) + [ServiceField.otherRegion] {
            guard let place = credentials.value(named: name.utf8.span) else { continue }
            guard place.count <= DocumentNode.longestString else {
                throw KStackError(
                    .configuration,
                    "\(credentials.sourceText): \(name) is longer than \(DocumentNode.longestString) bytes"
                )
            }
        }
    }

    private static func taken(_ name: String, _ credentials: Credentials) -> KStackError {
        KStackError(
            .configuration,
            "\(credentials.sourceText): the name \(KStackError.quoted(name)) is taken by the configuration of the service; "
                + "give the credential another name"
        )
    }

    /// A field that configuration or credentials set, or both to the same value.
    private static func agreed(
        _ field: ServiceField,
        _ configured: String?,
        _ file: ProviderFile,
        _ credentials: Credentials
    ) throws(KStackError) -> String? {
        guard let own = credentials.text(field) else { return configured }
        guard let configured, configured != own else { return own }
        throw KStackError(
            .configuration,
            "\(field.rawValue) is \(KStackError.quoted(configured)) in \(file.source), and something else in "
                + "\(credentials.sourceText): keep one"
        )
    }

    /// The fields of the provider and the service; absent ones are left out.
    private static func head(
        _ provider: Name,
        _ file: ProviderFile,
        _ service: DocumentNode,
        _ template: Template,
        _ credentials: Credentials
    ) throws(KStackError) -> Credentials {
        func agreed(_ field: ServiceField, _ configured: String?) throws(KStackError) -> String? {
            try Self.agreed(field, configured, file, credentials)
        }
        let verify = try agreed(.verification, file.configuredVerification(of: service))
        guard verify == nil || verify == "true" || verify == "false" else {
            throw KStackError(.configuration, "\(credentials.sourceText): verify_ssl must be true or false")
        }
        return try build([
            (.provider, provider.text),
            (.family, file.family),
            (.implementation, file.implementation),
            (.region, try agreed(.region, file.region(of: service).map(template.expand))),
            (.endpoint, try agreed(.endpoint, file.text(.endpoint, of: service).map(template.expand))),
            (
                .presignedDomain,
                try agreed(.presignedDomain, file.text(.presignedDomain, of: service).map(template.expand))
            ),
            (.verification, verify ?? "true"),
        ])
    }

    private static func build(_ fields: [(ServiceField, String?)]) throws(KStackError) -> Credentials {
        try build { (builder) throws(DocumentError) in
            for (field, text) in fields {
                if let text { try builder.append(field.rawValue.utf8.span, text: text.utf8.span) }
            }
        }
    }

    /// The other keys of the service.
    private static func extras(_ service: DocumentNode, _ template: Template) throws(KStackError) -> Credentials {
        try build { (builder) throws(DocumentError) in
            for position in 0..<service.count {
                guard let (key, value) = service.entry(at: position), !ServiceField.isOfService(key.string) else {
                    continue
                }
                try builder.append(key.textSpan, copying: value) { (text, bytes) throws(SodiumError) in
                    try template.expand(text, into: &bytes)
                }
            }
        }
    }

    private static func build(
        _ body: (inout MappingBuilder) throws(DocumentError) -> Void
    ) throws(KStackError) -> Credentials {
        let document = try mapError(KStackError.document) { () throws(DocumentError) in
            var builder = try MappingBuilder()
            try body(&builder)
            return try builder.finish()
        }
        return try Credentials(mapping: document.root, source: "")
    }
}
