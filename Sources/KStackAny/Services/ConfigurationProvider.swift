public import Documents

/// Provides configuration: from the files of a developer's machine, or from the config maps of a pod.
public protocol ConfigurationProvider: Sendable {
    /// The detected environment.
    func environment() throws(KStackError) -> Name

    /// The file of an environment: `environments/<name>.yaml`, or that key of config map `kstack-environments`.
    ///
    /// - Throws: `configuration` where there is none; the message lists those that exist.
    func environmentFile(_ name: Name) throws(KStackError) -> ConfigurationFile

    /// The file of a provider: `providers/<name>.yaml`, or that key of config map `kstack-providers`.
    ///
    /// - Throws: `configuration` where there is none; the message lists those that exist.
    func providerFile(_ name: Name) throws(KStackError) -> ConfigurationFile

    /// Whether an environment that may be used here has no configuration at all: then the credentials of a service
    /// say where it is.
    func isAbsent(for environment: Name) throws(KStackError) -> Bool

    /// The active route of a layer.
    func activeRoute(of layer: Layer) throws(KStackError) -> Route
}

/// A YAML file of configuration, and where it is from.
public struct ConfigurationFile: Sendable {
    /// Its content, parsed.
    public let document: Document

    /// Its path, or the config map and its key.
    public let source: String

    /// Pairs a document with where it was read.
    public init(document: Document, source: String) {
        self.document = document
        self.source = source
    }
}
