import Documents
import KStackAny
import Sodium

/// Configuration from strings.
struct TextConfiguration: ConfigurationProvider {
    var detected = "dev"
    var isNotThere = false
    var isEmpty = false
    var environments: [String: String] = [:]
    var providers: [String: String] = [:]

    func environment() throws(KStackError) -> Name { try Name(detected, kind: "an environment") }

    func environmentFile(_ name: Name) throws(KStackError) -> ConfigurationFile {
        try file(environments, "environments", name)
    }

    func providerFile(_ name: Name) throws(KStackError) -> ConfigurationFile {
        try file(providers, "providers", name)
    }

    func isAbsent(for environment: Name) throws(KStackError) -> Bool { isNotThere }

    func activeRoute(of layer: Layer) throws(KStackError) -> Route { .development }

    private func file(_ texts: [String: String], _ kind: String, _ name: Name) throws(KStackError) -> ConfigurationFile
    {
        guard let text = texts[name.text] else { throw KStackError(.configuration, "no \(kind)/\(name.text)") }
        do throws(DocumentError) {
            let document = try Document.parse(yaml: Array(text.utf8).span)
            return ConfigurationFile(document: document, source: "\(kind)/\(name.text).yaml")
        } catch {
            throw KStackError(.configuration, error.description)
        }
    }
}

/// Credentials from strings, by name.
struct TextSecrets: SecretsProvider {
    var texts: [String: String] = [:]

    func credentials(service: Name, layer: Layer, environment: Name?) throws(KStackError) -> Credentials {
        let key = "\(layer.name)/\(service.text)/\(environment?.text ?? "")"
        guard let text = texts[key] else { throw KStackError(.serviceNotFound, "no \(key)") }
        let document: Document
        do throws(DocumentError) {
            document = try Document.parse(yaml: Array(text.utf8).span)
        } catch {
            throw KStackError(.internal, error.description)
        }
        return try Credentials(mapping: document.root, source: key)
    }

    func secrets(of layer: Layer, environment: Name?) throws(KStackError) -> Credentials {
        throw KStackError(.serviceNotFound, "none")
    }
}
