import Age
public import KStackAny
public import Sodium
import System

/// The vault of one environment: `secret.<name>` files, encrypted with age, in the folders of four layers.
///
/// All files are reached from the descriptor of the environment's folder; no link is followed on the way.
public final class Vault: Sendable {
    /// How many bytes of plaintext are read into memory, where the caller does not say.
    public static let readLimit = 64 << 20

    /// How long an encrypted file of as many bytes can be: armor, and a header of the greatest length.
    public static let encryptedReadLimit = readLimit / 3 * 4 + (4 << 20)

    /// The environment that its secrets are for.
    public let environment: Name

    /// The absolute path of the environment's folder.
    public let path: String

    /// The folder of all vaults.
    let root: Directory

    /// The folder of this one.
    let folder: Directory

    /// The team whose recipients files are written for where the caller names none.
    let defaultTeam: @Sendable () throws(KStackError) -> Name

    let trust: Trust
    let identities: IdentityStore
    let log: Log

    /// Opens the vault of an environment.
    ///
    /// - Throws: `configuration` where there is no vault, no such environment in it, a link, or somebody else may write
    ///   it; `io`.
    public init(
        project: Project,
        identities: IdentityStore,
        environment: Name,
        log: Log
    ) throws(KStackError) {
        let root = try VaultRoot(project: project)
        folder = try root.environment(environment)
        self.root = root.takeFolder()
        defaultTeam = { () throws(KStackError) in
            if let team = try project.file()?.team { return team }
            return try Name("dev", kind: "a team")
        }
        path = folder.path
        trust = project.trust
        self.environment = environment
        self.identities = identities
        self.log = log
    }

    /// Waits for the vault's lock.
    func lock() throws(KStackError) -> DirectoryLock {
        let lock = try mapError(KStackError.file, folder.lock())
        try checkIsInPlace()
        return lock
    }

    /// Throws where the folder is no longer at its path, as after a change of branches.
    private func checkIsInPlace() throws(KStackError) {
        let status = try mapError(KStackError.file, Paths.linkStatus(of: path))
        guard let status, status.version.isOfSameFile(as: folder.status.version) else {
            throw KStackError(
                .io,
                "\(path) was moved, removed or replaced since the vault was opened; open the vault again"
            )
        }
    }

    /// Opens the folder of a layer, and creates it where it is missing.
    func makeLayerFolder(_ layer: Layer) throws(KStackError) -> LayerFolder {
        try mapError(KStackError.file, folder.make(layer.name))
        guard let made = try layerFolder(layer) else {
            throw KStackError(.conflict, "\(path)/\(layer.name) was removed meanwhile; try again")
        }
        return made
    }

    /// Opens the folder of a layer; nil where it has none.
    func layerFolder(_ layer: Layer) throws(KStackError) -> LayerFolder? {
        try checkIsInPlace()
        let opened: Directory
        do throws(FileError) {
            opened = try folder.directory(layer.name)
        } catch {
            if error.kind == .notFound { return nil }
            throw KStackError.file(error)
        }
        try trust.check(opened.status, path: opened.path)
        return LayerFolder(opened)
    }

    /// Runs `body` in the folder of a layer.
    ///
    /// - Returns: nil where the layer has no folder.
    func withFolder<Result: ~Copyable>(
        of layer: Layer,
        _ body: (borrowing Directory) throws(KStackError) -> Result
    ) throws(KStackError) -> Result? {
        guard let folder = try layerFolder(layer) else { return nil }
        return try body(folder.directory)
    }

    /// Opens a file of a layer's folder; nil where there is none.
    func open(_ name: String, in layerFolder: borrowing Directory) throws(KStackError) -> OpenFile? {
        let file: OpenFile
        do throws(FileError) {
            file = try layerFolder.file(name)
        } catch {
            if error.kind == .notFound { return nil }
            throw KStackError.file(error)
        }
        try trust.check(file.status, path: file.path)
        return file
    }

    /// Decrypts one file in memory.
    ///
    /// - Throws: `serviceNotFound` where there is no such file; `vault`, `configuration`, `io`.
    public func read(_ layer: Layer, _ name: String, limit: Int = readLimit) throws(KStackError) -> SecretBytes {
        let name = try VaultNaming.checked(name).text
        let content = try withFolder(of: layer) { (folder) throws(KStackError) -> SecretBytes? in
            guard let file = try open(VaultNaming.encryptedName(of: name), in: folder) else { return nil }
            return try decrypt(file, limit: limit)
        }
        guard let found = content, let bytes = found else { throw try notFound(layer, name) }
        return bytes
    }

    /// The absolute path of a plaintext.
    ///
    /// - Throws: `serviceNotFound` where there is none, also where there is its encrypted form; `configuration`, `io`.
    public func pathOfPlaintext(_ layer: Layer, _ name: String) throws(KStackError) -> String {
        let name = try VaultNaming.checked(name).text
        let found = try withFolder(of: layer) { (folder) throws(KStackError) -> String? in
            if let file = try open(name, in: folder) { return file.path }
            if try open(VaultNaming.encryptedName(of: name), in: folder) == nil { return nil }
            throw KStackError(
                .serviceNotFound,
                "\(folder.path(of: name)) is there only in its encrypted form; decrypt the vault, or read it in memory"
            )
        }
        guard let path = found.flatMap({ $0 }) else { throw try notFound(layer, name) }
        return path
    }

    /// Decrypts an open file in memory.
    func decrypt(_ file: consuming OpenFile, limit: Int) throws(KStackError) -> SecretBytes {
        let path = file.path
        let loaded = try identities.load()
        do throws(AgeError) {
            return try decrypt(file, limit, loaded)
        } catch {
            throw try explain(error, path: path)
        }
    }

    /// Decrypts an open file in memory; nil where there is no identity, or none that fits.
    func decryptIfMine(_ file: consuming OpenFile, limit: Int) throws(KStackError) -> SecretBytes? {
        guard try identities.hasSource() else { return nil }
        let path = file.path
        let loaded = try identities.load()
        do throws(AgeError) {
            return try decrypt(file, limit, loaded)
        } catch {
            if case .noMatch = error { return nil }
            throw KStackError(error, path: path)
        }
    }

    private func decrypt(
        _ file: consuming OpenFile,
        _ limit: Int,
        _ loaded: LoadedIdentities
    ) throws(AgeError) -> SecretBytes {
        let version = file.status.version
        var source = FileSource(plain: file)
        if let key = loaded.payloadKeys[version] {
            do throws(AgeError) {
                var sink = try SecretSink(limit: limit)
                try Age.decrypt(from: &source, to: &sink, again: key)
                return sink.finish()
            } catch .payload, .armor {
                // Damaged, or rewritten within one tick of the file system's clock: the header shows which.
                try source.rewind()
            }
        }
        var sink = try SecretSink(limit: limit)
        let key = try Age.decrypt(from: &source, to: &sink, with: .identities(loaded.identities))
        loaded.payloadKeys.keep(key, of: version)
        return sink.finish()
    }

    /// Checks that an identity of the user opens a file, without decrypting its content.
    func checkOpens(_ file: consuming OpenFile) throws(KStackError) {
        let path = file.path
        let identities = try identities.identities()
        var source = FileSource(plain: file)
        do throws(AgeError) {
            try UnauthenticatedHeader(of: &source).authenticate(with: .identities(identities))
        } catch {
            throw try explain(error, path: path)
        }
    }

    /// The error for a file that could not be decrypted, with all sources of identities where none fits.
    func explain(_ error: AgeError, path: String) throws(KStackError) -> KStackError {
        guard case .noMatch(let types) = error else { return KStackError(error, path: path) }
        if types == ["scrypt"] {
            return KStackError(
                .vault,
                "\(path) is encrypted with a passphrase, which is not supported in a vault; encrypt it for recipients "
                    + "with: age -R"
            )
        }
        if types.contains("mlkem768x25519"), !Age.hasPostQuantum {
            return KStackError(
                .vault,
                "\(path) is encrypted for post-quantum recipients: \(KStackError.notBuilt)"
            )
        }
        let sources = identities.describeSources(found: "no key of it fits")
        return KStackError(
            .vault,
            "none of your age keys can decrypt \(path), which is for recipients of the kinds \(KStackError.kinds(types)); "
                + "looked for, in this order: \(sources). Send your public key (age-keygen -y FILE) to a colleague, who "
                + "adds it and rekeys, or set KSTACK_AGE_KEY_FILE"
        )
    }

    /// The error for a missing file, with the files that exist.
    private func notFound(_ layer: Layer, _ name: String) throws(KStackError) -> KStackError {
        let files = try list(layer, .encrypted)
        return KStackError(
            .serviceNotFound,
            "no \(KStackError.missingPath(VaultNaming.encryptedName(of: name))) in \(path)/\(layer.name); available: "
                + KStackError.listing(files, of: files.count)
        )
    }
}
