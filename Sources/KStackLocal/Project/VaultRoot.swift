import KStackAny
import Sodium
import System

/// The folder that holds the vaults of all environments.
struct VaultRoot: ~Copyable {
    private let folder: Directory
    private let trust: Trust

    /// Opens the folder of a project.
    ///
    /// - Throws: `configuration` where there is none, or somebody else may write it; `io`.
    init(project: Project) throws(KStackError) {
        let path = try project.vaultRoot()
        let folder = try mapError(KStackError.file, Directory.open(path: path))
        try project.trust.check(folder.status, path: path)
        self.folder = folder
        trust = project.trust
    }

    /// Opens the folder of an environment.
    ///
    /// - Throws: `configuration` where there is none; the message lists those that exist.
    func environment(_ name: Name) throws(KStackError) -> Directory {
        let environment: Directory
        do throws(FileError) {
            environment = try folder.directory(name.text)
        } catch {
            guard error.kind == .notFound else { throw KStackError.file(error) }
            let names = try environments()
            throw KStackError(
                .configuration,
                "no environment '\(name.text)' in \(folder.path); available: "
                    + KStackError.listing(names, of: names.count)
                    + KStackError.suggestion(name.text, names)
            )
        }
        try trust.check(environment.status, path: environment.path)
        return environment
    }

    /// Takes the folder out.
    consuming func takeFolder() -> Directory {
        folder
    }

    /// The names of the environments, sorted: of every folder with a valid name.
    func environments() throws(KStackError) -> FallibleArray<String> {
        try mapError(KStackError.file) { () throws(FileError) in
            var result = FallibleArray<String>()
            for name in try folder.names() where Name.isValid(name) {
                guard try folder.status(of: name)?.kind == .directory else { continue }
                try mapError(FileError.memory(at: folder.path), result.append(name))
            }
            return result
        }
    }
}
