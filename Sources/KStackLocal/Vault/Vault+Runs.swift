public import KStackAny
public import Sodium

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

extension Vault {
    /// Writes the plaintext of files beside them.
    ///
    /// - Returns: what became of each file; all are tried, whatever becomes of one.
    /// - Throws: `invalidArgument` for an invalid path; `io` where the vault cannot be locked.
    public func decrypt(_ options: VaultOptions) throws(KStackError) -> VaultReport {
        let chosen = try options.files.map { (paths) throws(KStackError) in try VaultFilePath.parse(paths) }
        let run = try VaultRun.start(over: self)
        return try run.run(DecryptAction(vault: self, overwrites: options.overwrites), chosen)
    }

    /// Encrypts the plaintext of files for a team, and removes it.
    ///
    /// - Returns: what became of each file; all are tried, whatever becomes of one.
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

    /// Encrypts anew what was written for other recipients than its team has now; plaintexts are not touched.
    ///
    /// - Parameter options: the team is that of files which name none, as those of other programs.
    /// - Returns: what became of each file; all are tried, whatever becomes of one.
    /// - Throws: `invalidArgument` for an invalid path; `io` where the vault cannot be locked.
    public func rekey(_ options: VaultOptions) throws(KStackError) -> VaultReport {
        let chosen = try options.files.map { (paths) throws(KStackError) in try VaultFilePath.parse(paths) }
        let run = try VaultRun.start(over: self, changing: !options.checksOnly)
        let teams = Teams(of: self, named: options.team)
        return try run.run(RekeyAction(vault: self, teams: teams, checksOnly: options.checksOnly), chosen)
    }

    /// Looks at files and changes nothing; no lock is taken.
    ///
    /// - Returns: in which forms each file is there, and who can read it.
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
