public import KStackAny
public import Sodium

/// The options of a run over a vault.
public struct VaultOptions: Sendable {
    /// The team whose recipients files are written for; nil for `team` of `.kstack.yaml`, else `dev`.
    public var team: Name?

    /// Paths by plaintext name, relative to the vault; nil for all files.
    public var files: FallibleArray<String>?

    /// Whether the source wins over a target that differs.
    public var overwrites: Bool

    /// Whether rekeying only says which files are stale.
    public var checksOnly: Bool

    /// Makes options: by default all files, without overwriting.
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

extension Vault {
    /// Writes the plaintext of files next to them.
    ///
    /// - Returns: the result for each file; one that fails does not stop the others.
    /// - Throws: `invalidArgument` for an invalid path; `io` where the vault cannot be locked.
    public func decrypt(_ options: VaultOptions) throws(KStackError) -> VaultReport {
        let chosen = try options.files.map { (paths) throws(KStackError) in try VaultFilePath.parse(paths) }
        let run = try VaultRun.start(over: self)
        return try run.run(DecryptAction(vault: self, overwrites: options.overwrites), chosen)
    }

    /// Encrypts the plaintext of files for a team, and removes it.
    ///
    /// - Returns: the result for each file; one that fails does not stop the others.
    /// - Throws: `invalidArgument` for an invalid path; `configuration` where the team has no recipients; `io`
    ///   where the vault cannot be locked.
    public func encrypt(_ options: VaultOptions) throws(KStackError) -> VaultReport {
        let chosen = try options.files.map { (paths) throws(KStackError) in try VaultFilePath.parse(paths) }
        let recipients = try recipients(of: options.team)
        let run = try VaultRun.start(over: self)
        return try run.run(
            EncryptAction(
                vault: self,
                recipients: recipients,
                teams: Teams(of: self, named: options.team),
                overwrites: options.overwrites,
                looksAtAll: chosen == nil
            ),
            chosen
        )
    }

    /// Re-encrypts what was written for other recipients than its team has now; plaintexts are not touched.
    ///
    /// - Parameter options: its team counts for files that name none, as those of other programs.
    /// - Returns: the result for each file; one that fails does not stop the others.
    /// - Throws: `invalidArgument` for an invalid path; `io` where the vault cannot be locked.
    public func rekey(_ options: VaultOptions) throws(KStackError) -> VaultReport {
        let chosen = try options.files.map { (paths) throws(KStackError) in try VaultFilePath.parse(paths) }
        let run = try VaultRun.start(over: self, changing: !options.checksOnly)
        let teams = Teams(of: self, named: options.team)
        return try run.run(RekeyAction(vault: self, teams: teams, checksOnly: options.checksOnly), chosen)
    }

    /// Checks files without changing anything; no lock is taken.
    ///
    /// - Returns: in which forms each file exists, and who can read it.
    /// - Throws: `invalidArgument` for an invalid path.
    public func status(_ options: VaultOptions) throws(KStackError) -> VaultReport {
        let chosen = try options.files.map { (paths) throws(KStackError) in try VaultFilePath.parse(paths) }
        let run = try VaultRun.start(over: self, changing: false)
        return try run.run(StatusAction(vault: self, teams: Teams(of: self, named: options.team)), chosen)
    }

    /// Who can read the files of a team; nil for the project's.
    func recipients(of team: Name?) throws(KStackError) -> Recipients {
        try Recipients(of: self.team(team), in: self)
    }

    /// The team that the caller names, else that of the project.
    func team(_ named: Name?) throws(KStackError) -> Name {
        if let named { return named }
        return try defaultTeam()
    }
}
