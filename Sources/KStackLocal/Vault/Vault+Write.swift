import Age
public import KStackAny
public import Sodium
import System

/// How a run over a vault goes.
public struct VaultOptions: Sendable {
    /// The team whose recipients files are written for; nil for `team` of `.kstack.yaml`, else `dev`.
    public var team: Name?

    /// Paths by plaintext name, relative to the vault; nil for all files.
    public var files: FallibleArray<String>?

    /// Whether the source wins over a target that differs.
    public var overwrites: Bool

    /// Whether rekeying only says which files are stale.
    public var checksOnly: Bool

    /// Makes the options; all files and no overwriting where nothing else is said.
    public init(
        team: Name? = nil,
        files: FallibleArray<String>? = nil,
        overwrites: Bool = false,
        checksOnly: Bool = false
    ) {
        self.team = team
        self.files = files
        self.overwrites = overwrites
        self.checksOnly = checksOnly
    }
}

/// A file that somebody is editing: which it is, and what its encrypted form was when they began.
public struct Draft: Sendable {
    let layer: Layer
    let name: String
    let team: Name?
    let version: FileVersion?
}

extension Vault {
    /// Writes the plaintext of files beside them.
    ///
    /// - Returns: what became of each file; all are tried, whatever becomes of one.
    /// - Throws: `invalidArgument` for a path out of grammar; `io` where the vault cannot be locked.
    public func decrypt(_ options: VaultOptions) throws(KStackError) -> VaultReport {
        let chosen = try options.files.map { (paths) throws(KStackError) in try VaultPath.parse(paths) }
        let run = try VaultRun.start(over: self)
        return try run.run(VaultDecryption(vault: self, overwrites: options.overwrites), chosen)
    }

    /// Encrypts the plaintext of files for a team, and removes it.
    ///
    /// - Returns: what became of each file; all are tried, whatever becomes of one.
    /// - Throws: `invalidArgument` for a path out of grammar; `configuration` where the team has no recipients; `io`
    ///   where the vault cannot be locked.
    public func encrypt(_ options: VaultOptions) throws(KStackError) -> VaultReport {
        let chosen = try options.files.map { (paths) throws(KStackError) in try VaultPath.parse(paths) }
        let recipients = try recipients(of: options.team)
        let run = try VaultRun.start(over: self)
        return try run.run(
            VaultEncryption(
                vault: self,
                recipients: recipients,
                teams: Teams(of: self, named: options.team),
                overwrites: options.overwrites,
                looksAtAll: chosen == nil
            ),
            chosen
        )
    }

    /// Encrypts anew what was written for other recipients than its team has now; plaintexts are not touched.
    ///
    /// - Parameter options: the team is that of files which name none, as those of other programs.
    /// - Returns: what became of each file; all are tried, whatever becomes of one.
    /// - Throws: `invalidArgument` for a path out of grammar; `io` where the vault cannot be locked.
    public func rekey(_ options: VaultOptions) throws(KStackError) -> VaultReport {
        let chosen = try options.files.map { (paths) throws(KStackError) in try VaultPath.parse(paths) }
        let run = try VaultRun.start(over: self, changing: !options.checksOnly)
        let teams = Teams(of: self, named: options.team)
        return try run.run(VaultRekeying(vault: self, teams: teams, checksOnly: options.checksOnly), chosen)
    }

    /// Looks at files and changes nothing; no lock is taken.
    ///
    /// - Returns: in which forms each file is there, and who can read it.
    /// - Throws: `invalidArgument` for a path out of grammar.
    public func status(_ options: VaultOptions) throws(KStackError) -> VaultReport {
        let chosen = try options.files.map { (paths) throws(KStackError) in try VaultPath.parse(paths) }
        let run = try VaultRun.start(over: self, changing: false)
        return try run.run(VaultExamination(vault: self, teams: Teams(of: self, named: options.team)), chosen)
    }

    /// Encrypts one file out of memory, so that no plaintext is on the disk.
    ///
    /// A plaintext beside it stays as it is.
    ///
    /// - Throws: `configuration` where the team has no recipients, or the file is another team's; `vault` where none of
    ///   the user's identities could read the result; `io`.
    public func write(_ layer: Layer, _ name: String, _ content: Span<UInt8>, team: Name?) throws(KStackError) {
        let name = try VaultFiles.checked(name).text
        try VaultFiles.check(content, named: name, path: "\(path)/\(layer.name)/\(name)")
        let recipients = try recipients(of: team)
        let lock = try lock()
        let file = VaultFile(vault: self, folder: try makeLayerFolder(layer), name: name)
        try put(content, file, for: recipients, replacing: file.versionOfEncrypted())
        _ = consume lock
    }

    /// Changes one file in memory, under the lock of the vault, so that no other change of it is lost.
    ///
    /// - Parameter change: gets the plaintext, empty where there is no file yet, and gives the new one.
    /// - Throws: as `read` and `write`; what `change` throws.
    public func change(
        _ layer: Layer,
        _ name: String,
        team: Name?,
        _ change: (borrowing SecretBytes) throws(KStackError) -> SecretBytes
    ) throws(KStackError) {
        let name = try VaultFiles.checked(name).text
        let recipients = try recipients(of: team)
        let lock = try lock()
        let file = VaultFile(vault: self, folder: try makeLayerFolder(layer), name: name)
        let replaced = try file.versionOfEncrypted()
        if replaced == nil, try file.hasPlaintext() { throw neverEncrypted(layer, name) }
        let content = try change(plaintextOrNothing(layer, name))
        try VaultFiles.check(content.span, named: name, path: "\(path)/\(layer.name)/\(name)")
        try put(content.span, file, for: recipients, replacing: replaced)
        _ = consume lock
    }

    /// Which encrypted form a file has now, for a change that takes longer than the lock may be held.
    ///
    /// - Throws: `configuration` already here where the file is another team's; as `read`.
    public func draft(_ layer: Layer, _ name: String, team: Name?) throws(KStackError) -> Draft {
        let name = try VaultFiles.checked(name).text
        let recipients = try recipients(of: team)
        let found = try withFolder(of: layer) { (folder) throws(KStackError) -> FileVersion? in
            guard let file = try open(VaultFiles.encryptedName(of: name), in: folder) else {
                if try open(name, in: folder) != nil { throw neverEncrypted(layer, name) }
                return nil
            }
            let version = file.status.version
            try VaultEncryptor(vault: self, recipients: recipients).checkTeam(of: file)
            return version
        }
        return Draft(layer: layer, name: name, team: team, version: found.flatMap { $0 })
    }

    /// Writes a draft, where the file is still the one that it was made of.
    ///
    /// - Throws: `conflict` where it is not; as `write`.
    public func write(_ content: Span<UInt8>, _ draft: Draft) throws(KStackError) {
        let place = "\(path)/\(draft.layer.name)/\(draft.name)"
        try VaultFiles.check(content, named: draft.name, path: place)
        let recipients = try recipients(of: draft.team)
        let lock = try lock()
        let file = VaultFile(vault: self, folder: try makeLayerFolder(draft.layer), name: draft.name)
        guard try file.versionOfEncrypted() == draft.version else {
            throw KStackError(
                .conflict,
                "the encrypted form of \(place) was changed meanwhile; bring your edit into that"
            )
        }
        try put(content, file, for: recipients, replacing: draft.version)
        _ = consume lock
    }

    private func neverEncrypted(_ layer: Layer, _ name: String) -> KStackError {
        KStackError(.conflict, "\(path)/\(layer.name)/\(name) was never encrypted; encrypt it first, or edit it there")
    }

    private func plaintextOrNothing(_ layer: Layer, _ name: String) throws(KStackError) -> SecretBytes {
        do throws(KStackError) {
            return try read(layer, name)
        } catch {
            guard error.code == .serviceNotFound else { throw error }
            return try mapError(KStackError.memory, SecretBytes(count: 0))
        }
    }

    private func put(
        _ content: Span<UInt8>,
        _ file: borrowing VaultFile,
        for recipients: Recipients,
        replacing replaced: FileVersion?
    ) throws(KStackError) {
        let source = try mapError(KStackError.age(file.name), SecretSource(copying: content))
        let encryptor = VaultEncryptor(vault: self, recipients: recipients)
        try encryptor.encrypt(source, named: file.name, file, replacing: replaced)
        try file.synchronizeFolder()
    }

    private func recipients(of team: Name?) throws(KStackError) -> Recipients {
        try Recipients(of: self.team(team), in: self)
    }

    /// The team that the caller names, else that of the project.
    func team(_ named: Name?) throws(KStackError) -> Name {
        if let named { return named }
        return try defaultTeam()
    }
}
