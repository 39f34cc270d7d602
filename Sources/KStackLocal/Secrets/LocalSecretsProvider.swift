import Documents
public import KStackAny
public import Sodium
import System

/// Answers look-ups of credentials from the vault of a developer's machine, decrypted in memory.
public final class LocalSecretsProvider: SecretsProvider {
    /// The file of a layer's folder that holds the credentials of its services.
    static let fileName = "cloud-credentials.yaml"

    /// The key of that file that holds the credentials of cloud providers and is not a service.
    static let providersKey = "providers"

    private let project: Project
    private let identities: IdentityStore
    private let log: Log

    /// Makes a provider; nothing is read yet.
    public init(project: Project, identities: IdentityStore, log: Log) {
        self.project = project
        self.identities = identities
        self.log = log
    }

    /// The credentials of a service, from the plaintext where it exists, else from the encrypted file.
    public func credentials(
        service: Name,
        layer: Layer,
        environment: Name?
    ) throws(KStackError) -> Credentials {
        let (document, path) = try document(of: layer, environment)
        guard service.text != Self.providersKey, let mapping = document.root[service.text] else {
            throw KStackError(
                .serviceNotFound,
                "no service '\(service.text)' in \(path); " + (try Self.available(document.root, beside: service.text))
            )
        }
        guard mapping.kind == .mapping, mapping.count > 0 else {
            let isEmpty = mapping.kind == .mapping || mapping.kind == .null
            throw KStackError(
                .serviceNotFound,
                "'\(service.text)' in \(path), line \(mapping.line), "
                    + (isEmpty ? "is empty: add at least one name: value" : "must be a mapping of names to values")
            )
        }
        return try Credentials(mapping: mapping, source: path)
    }

    /// The secrets of a layer's own files, and of those of other layers that are shared with it.
    public func secrets(of layer: Layer, environment: Name?) throws(KStackError) -> Credentials {
        try LayerSecrets(vault: openVault(environment), layer: layer).read()
    }

    /// The credentials of a provider, which serve all of its services: `providers.<provider>` of the credentials file.
    public func credentials(
        ofProvider provider: Name,
        layer: Layer,
        environment: Name?
    ) throws(KStackError) -> Credentials {
        let (document, path) = try document(of: layer, environment)
        return try Self.credentials(ofProvider: provider, in: document, path)
    }

    /// As above; a layer with only one provider needs no section for it: the service's own section is used instead.
    public func credentials(
        service: Name,
        ofTarget provider: Name,
        layer: Layer,
        environment: Name?
    ) throws(KStackError) -> Credentials {
        let (document, path) = try document(of: layer, environment)
        let section = try Self.section(of: provider, in: document, path)
        if section == nil, document.root[service.text]?.kind == .mapping {
            return try credentials(service: service, layer: layer, environment: environment)
        }
        return try Self.credentials(ofProvider: provider, in: document, path)
    }

    private static func credentials(
        ofProvider provider: Name,
        in document: Document,
        _ path: String
    ) throws(KStackError) -> Credentials {
        guard let mapping = try section(of: provider, in: document, path) else {
            throw KStackError(
                .serviceNotFound,
                "no credentials under \(providersKey).\(provider.text) in \(path); available: "
                    + (try listing(document.root[providersKey]))
            )
        }
        let place = "\(providersKey).\(provider.text)"
        try checkMapping(mapping, place, path, "a mapping of names to values")
        let credentials = try Credentials(mapping: mapping, source: path)
        guard credentials.holdsAnything else {
            throw KStackError(
                .configuration,
                "\(path), line \(mapping.line): every value of \(place) is empty: add one"
            )
        }
        return credentials
    }

    /// The node at `providers.<provider>`; nil where there is none.
    private static func section(
        of provider: Name,
        in document: Document,
        _ path: String
    ) throws(KStackError) -> DocumentNode? {
        let providers = document.root[providersKey]
        try checkMapping(providers, providersKey, path, "a mapping of providers to their credentials")
        return providers?[provider.text]
    }

    /// The services that a layer has credentials for, in the order of the file.
    public func services(of layer: Layer, environment: Name?) throws(KStackError) -> FallibleArray<String> {
        let root = try document(of: layer, environment).document.root
        let names = try Self.mappings(in: root)
        return try mapError(KStackError.memory, FallibleArray(names.lazy.filter { $0 != Self.providersKey }))
    }

    /// The environments that have a vault.
    public func environments() throws(KStackError) -> FallibleArray<String> {
        try VaultRoot(project: project).environments()
    }

    /// Reads the credentials file of a layer.
    private func document(
        of layer: Layer,
        _ environment: Name?
    ) throws(KStackError) -> (document: Document, path: String) {
        let vault = try openVault(environment)
        guard let file = try LayerFile.read(Self.fileName, of: layer, in: vault, ignoring: nil) else {
            let names = try vault.allPlaintextNames(in: layer)
            throw KStackError(
                .serviceNotFound,
                "no credentials for \(layer.name) in '\(vault.environment.text)': neither \(Self.fileName) nor its encrypted "
                    + "form is in \(vault.path)/\(layer.name) (found: \(KStackError.listing(names, of: names.count)))"
            )
        }
        guard file.document.root.kind == .mapping || file.document.root.kind == .null else {
            throw KStackError(.configuration, "\(file.path) must be a mapping of services to their credentials")
        }
        return (file.document, file.path)
    }

    /// Opens the vault of an environment; nil for the detected one.
    package func openVault(_ environment: Name?) throws(KStackError) -> Vault {
        let environment = if let environment { environment } else { try project.environment() }
        return try Vault(project: project, identities: identities, environment: environment, log: log)
    }

    /// Refuses a node that is not a mapping.
    private static func checkMapping(
        _ node: DocumentNode?,
        _ place: String,
        _ path: String,
        _ allowed: String
    ) throws(KStackError) {
        let found: String
        switch node?.kind {
        case nil, .mapping: return
        case .null: found = "null"
        case .sequence: found = "a list"
        case .scalar: found = "a string"
        }
        throw KStackError(
            .configuration,
            "\(path), line \(node?.line ?? 1): \(place) is \(found), expected \(allowed)"
        )
    }

    /// The keys of a mapping that hold mappings.
    private static func mappings(in node: DocumentNode) throws(KStackError) -> FallibleArray<String> {
        let names = (0..<node.count).lazy.compactMap { position -> String? in
            guard let entry = node.entry(at: position), entry.value.kind == .mapping else { return nil }
            return entry.key.string
        }
        return try mapError(KStackError.memory, FallibleArray(names))
    }

    /// The services of a file in place of a missing one, for a message.
    private static func available(_ root: DocumentNode, beside service: String) throws(KStackError) -> String {
        let names = try mappings(in: root).lazy.filter { $0 != providersKey }
        let valid = names.filter { Name.isValid($0) }
        let count = names.reduce(0) { count, _ in count + 1 }
        if count == 0 { return "the file has no services" }
        guard valid.contains(where: { _ in true }) else {
            return "it has \(count) services whose names are invalid: use lower-case letters, digits and '-'"
        }
        return "available: \(KStackError.listing(valid, of: count))\(KStackError.suggestion(service, valid))"
    }

    private static func listing(_ providers: DocumentNode?) throws(KStackError) -> String {
        guard let providers else { return "none" }
        let names = try mappings(in: providers)
        // A key that is not a valid name may be a secret on the wrong side of a colon.
        return KStackError.listing(names.lazy.filter { Name.isValid($0) }, of: names.count)
    }
}
