import Documents
public import KStackAny
import Sodium
import System

/// Reads configuration from the files of a project.
public struct LocalConfigurationProvider: ConfigurationProvider {
    private let project: Project
    private let variables: Variables

    /// Makes a provider; nothing is read yet.
    public init(project: Project, variables: Variables) {
        self.project = project
        self.variables = variables
    }

    /// `environment` of `.kstack.yaml`.
    public func environment() throws(KStackError) -> Name {
        try project.environment()
    }

    /// Reads `environments/<name>.yaml`.
    public func environmentFile(_ name: Name) throws(KStackError) -> ConfigurationFile {
        try read(name, in: "environments", kind: "environment")
    }

    /// Reads `providers/<name>.yaml`.
    public func providerFile(_ name: Name) throws(KStackError) -> ConfigurationFile {
        try read(name, in: "providers", kind: "provider")
    }

    /// Whether neither `.kstack.yaml` nor a folder `environments/` configures anything.
    public func isAbsent(for environment: Name) throws(KStackError) -> Bool {
        try project.findConfigRoot() == nil
    }

    /// `KSTACK_ROUTE`, else `route` of `.kstack.yaml`, else development: one route for all layers.
    public func activeRoute(of layer: Layer) throws(KStackError) -> Route {
        if let route = try Route.ofVariable(variables) { return route }
        return try project.file()?.route() ?? .development
    }

    /// Reads a configuration file; no link below the root is followed.
    private func read(_ name: Name, in folderName: String, kind: String) throws(KStackError) -> ConfigurationFile {
        let root = try openRoot()
        try project.trust.check(root.status, path: root.path)
        let folder: Directory
        do throws(FileError) {
            folder = try root.directory(folderName)
        } catch {
            guard error.kind == .notFound else { throw KStackError.file(error) }
            throw KStackError(
                .configuration,
                "no \(kind) '\(name.text)': \(root.path) has no folder '\(folderName)'"
            )
        }
        try project.trust.check(folder.status, path: folder.path)
        let file: OpenFile
        do throws(FileError) {
            file = try folder.file("\(name.text).yaml")
        } catch {
            guard error.kind == .notFound else { throw KStackError.file(error) }
            let names = try Self.names(in: folder)
            throw KStackError(
                .configuration,
                "no \(kind) '\(name.text)': \(error.path) does not exist; available: "
                    + KStackError.listing(names, of: names.count) + KStackError.suggestion(name.text, names)
            )
        }
        try project.trust.check(file.status, path: file.path)
        return ConfigurationFile(document: try .read(file), source: file.path)
    }

    private func openRoot() throws(KStackError) -> Directory {
        let path = try project.configRoot()
        return try mapError(KStackError.file, Directory.open(path: path))
    }

    /// The names of the files, without `.yaml`, sorted.
    private static func names(in folder: borrowing Directory) throws(KStackError) -> FallibleArray<String> {
        let all = try mapError(KStackError.file, folder.names())
        let stems = all.lazy.compactMap { name -> String? in
            name.droppingByteSuffix(".yaml").flatMap { Name.isValid($0) ? $0 : nil }
        }
        return try mapError(KStackError.memory, FallibleArray(stems))
    }
}
