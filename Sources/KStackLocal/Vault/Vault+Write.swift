import Age
public import KStackAny
import Sodium
import System

/// How a run over a vault goes.
public struct VaultOptions: Sendable {
    /// The team whose recipients files are written for; nil for `team` of `.kstack.yaml`, else `dev`.
    public var team: Name?

    /// Paths by plaintext name, relative to the vault; nil for all files.
    public var files: [String]?

    /// Whether the source wins over a target that differs.
    public var overwrites: Bool

    /// Whether rekeying only says which files are stale.
    public var checksOnly: Bool

    /// Makes the options; all files and no overwriting where nothing else is said.
    public init(team: Name? = nil, files: [String]? = nil, overwrites: Bool = false, checksOnly: Bool = false) {
        self.team = team
        self.files = files
        self.overwrites = overwrites
        self.checksOnly = checksOnly
    }
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
        let folder = try makeLayerFolder(layer)
        let file = VaultFile(vault: self, folder: folder, name: name)
        let replaced = try file.versionOfEncrypted()
        let source: SecretSource
        do throws(AgeError) {
            source = try SecretSource(copying: content)
        } catch {
            throw KStackError(error, path: name)
        }
        let encryptor = VaultEncryptor(vault: self, recipients: recipients)
        try encryptor.encrypt(source, named: name, file, replacing: replaced)
        try file.synchronizeFolder()
        _ = consume lock
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
