import Documents
import KStackAny
import Sodium

/// The files of an environment and of a provider, and credentials, with a NUL between them.
func checkConfiguration(_ bytes: [UInt8]) {
    let parts = bytes.split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false).map(Array.init)
    guard parts.count == 3 else { return }
    let made = Made(environmentBytes: parts[0], providerBytes: parts[1], credentialsBytes: parts[2])
    let (name, service) = demand("the names are valid") {
        (try Name("p", kind: "a provider"), try Name("s3", kind: "a service"))
    }
    for layer in Layer.allCases {
        for provider in [nil, name] {
            do throws(KStackError) {
                let found = try ServiceResolver(configuration: made, secrets: made)
                    .resolve(service, layer: layer, environment: nil, provider: provider)
                let hasProvider = found.value(named: "provider".utf8.span) != nil
                require(
                    hasProvider != made.environmentBytes.isEmpty,
                    "an answer names its provider if it has one"
                )
                require(found.holdsAnything, "an answer is not empty")
                _ = try? AWSKeys.json(of: found)
            } catch {
                require(error.code != .internal, "a wrong file is not a defect")
                require(!error.message.isEmpty && error.message.utf8.count < 4096, "a message is readable")
            }
        }
    }
}

/// Answers from an input.
private struct Made: ConfigurationProvider, SecretsProvider {
    let environmentBytes: [UInt8]
    let providerBytes: [UInt8]
    let credentialsBytes: [UInt8]

    func environment() throws(KStackError) -> Name { try Name("dev", kind: "an environment") }

    /// An empty environment file counts as absent.
    func isAbsent(for environment: Name) throws(KStackError) -> Bool { environmentBytes.isEmpty }

    func environmentFile(_ name: Name) throws(KStackError) -> ConfigurationFile {
        if environmentBytes.isEmpty { throw KStackError(.configuration, "the environment has no file") }
        return ConfigurationFile(document: try parse(environmentBytes), source: "environment")
    }

    func providerFile(_ name: Name) throws(KStackError) -> ConfigurationFile {
        ConfigurationFile(document: try parse(providerBytes), source: "provider")
    }

    func activeRoute(of layer: Layer) throws(KStackError) -> Route { .development }

    func credentials(service: Name, layer: Layer, environment: Name?) throws(KStackError) -> Credentials {
        try Credentials(mapping: parse(credentialsBytes).root, source: "credentials")
    }

    func secrets(of layer: Layer, environment: Name?) throws(KStackError) -> Credentials {
        try credentials(service: Name("s3", kind: "a service"), layer: layer, environment: environment)
    }

    private func parse(_ bytes: [UInt8]) throws(KStackError) -> Document {
        do throws(DocumentError) {
            return try Document.parse(yaml: bytes.span)
        } catch {
            throw KStackError(.configuration, error.description)
        }
    }
}
