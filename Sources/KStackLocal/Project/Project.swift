public import KStackAny
import Sodium
import System

/// The project that a developer works in: its `.kstack.yaml`, its folder of vaults and its folder of configuration.
///
/// Files are checked on every call; `.kstack.yaml` is read again only when it changed.
public final class Project: Sendable {
    /// The file as it was read last.
    private struct Reading {
        let path: String
        let version: FileVersion
        let file: ProjectFile
    }

    /// The folder from which everything is looked for, upwards.
    let root: String

    let trust: Trust
    private let place: String
    private let folders: [String]
    private let reading = Guarded<Reading?>(nil)

    /// Makes the project of a folder that exists; nil for the working directory.
    ///
    /// - Parameter place: which signs of a pod were looked for, for errors.
    /// - Throws: `io` where the folder cannot be reached.
    public init(root: String?, user: UInt32, place: String = "") throws(KStackError) {
        do throws(FileError) {
            self.root = try Paths.canonical(root ?? ".")
            _ = try Directory.open(path: self.root)
        } catch {
            let place = root.map { KStackError.missingPath($0) } ?? "the working directory"
            throw .io(error, "the project root cannot be used: \(place): \(FileError.text(of: error.code))")
        }
        folders = Paths.ancestors(of: self.root)
        var trust = Trust(user: user)
        let folders = folders
        trust.alike = { isWritable in TrustedFiles(above: folders).writable(isWritable) }
        self.trust = trust
        self.place = place.isEmpty ? "" : " (\(place))"
    }

    /// The caller's path as an absolute one, which stays valid when the working directory changes.
    public static func absolute(_ path: String) throws(KStackError) -> String {
        Paths.resolve(path, from: Paths.isAbsolute(path) ? "/" : try mapError(KStackError.file, Paths.canonical(".")))
    }

    /// `environment` of `.kstack.yaml`.
    public func environment() throws(KStackError) -> Name {
        guard let file = try file() else {
            throw KStackError(
                .configuration,
                "no environment was named, and there is no \(ProjectFile.name) in \(root) or above it; name one, write the "
                    + "file with a line such as 'environment: dev', or give the option project_root\(place)"
            )
        }
        guard let environment = file.environment else {
            throw KStackError(
                .configuration,
                "no environment was named and \(ProjectFile.name) names none either; name one, or add a line such as "
                    + "'environment: dev' to the file"
            )
        }
        return environment
    }

    /// `vault` of `.kstack.yaml`, else `vault/` of the nearest folder upwards.
    public func vaultRoot() throws(KStackError) -> String {
        if let named = try file()?.vault {
            let path = try folder(named, key: "vault")
            if let status = try status(of: path) { try trust.check(status, path: path) }
            return path
        }
        for folder in folders {
            let path = Paths.resolve("vault", from: folder)
            guard let status = try status(of: path), status.kind == .directory else { continue }
            try trust.check(status, path: path)
            return path
        }
        throw KStackError(
            .configuration,
            "there is no vault: no folder 'vault' in \(root) or above it, and no 'vault' in \(ProjectFile.name); give the "
                + "option project_root, or change to the project's folder\(place)"
        )
    }

    /// `config` of `.kstack.yaml`, else the nearest folder upwards that holds `environments/`, itself or in `config/`.
    public func configRoot() throws(KStackError) -> String {
        if let found = try findConfigRoot() { return found }
        throw KStackError(
            .configuration,
            "there is no configuration: no folder 'environments' or 'config/environments' in \(root) or above it, and no "
                + "'config' in \(ProjectFile.name)"
        )
    }

    /// As above; nil where there is none.
    func findConfigRoot() throws(KStackError) -> String? {
        if let named = try file()?.config {
            return try folder(named, key: "config")
        }
        for folder in folders {
            for candidate in [folder, Paths.resolve("config", from: folder)]
            where try isFolder(Paths.resolve("environments", from: candidate)) {
                return candidate
            }
        }
        return nil
    }

    /// The nearest `.kstack.yaml` upwards; nil where there is none.
    func file() throws(KStackError) -> ProjectFile? {
        for folder in folders {
            let path = Paths.resolve(ProjectFile.name, from: folder)
            guard let status = try status(of: path) else { continue }
            let known = reading.withLock { $0 }
            if let known, known.path == path, known.version == status.version { return known.file }
            return try read(path, folder: folder)
        }
        return nil
    }

    /// Reads `.kstack.yaml` and keeps it.
    private func read(_ path: String, folder: String) throws(KStackError) -> ProjectFile {
        let file = try mapError(KStackError.file, OpenFile.open(path: path))
        // The file that was opened is checked and read, whatever has the name by now.
        try trust.check(file.status, path: path)
        let result = try ProjectFile(file, folder: folder)
        let version = file.status.version
        reading.withLock { $0 = Reading(path: path, version: version, file: result) }
        return result
    }

    /// A folder that `.kstack.yaml` names, without links in its path.
    private func folder(_ path: String, key: String) throws(KStackError) -> String {
        guard let status = try status(of: path), status.kind == .directory else {
            throw KStackError(
                .configuration,
                "'\(key)' of \(ProjectFile.name) is \(KStackError.missingPath(path)), which is not a folder"
            )
        }
        return try mapError(KStackError.file, Paths.canonical(path))
    }

    private func isFolder(_ path: String) throws(KStackError) -> Bool {
        try status(of: path)?.kind == .directory
    }

    /// The status of a path; a link of somebody else is refused, since they chose where it leads.
    private func status(of path: String) throws(KStackError) -> FileStatus? {
        guard let status = try mapError(KStackError.file, Paths.linkStatus(of: path)) else { return nil }
        guard status.kind == .symbolicLink else { return status }
        try trust.checkOwner(status, path: path)
        return try mapError(KStackError.file, Paths.status(of: path))
    }
}
