import Age
public import KStackAny
import Sodium
import System

/// The people of a team who can read an environment's files.
struct Recipients: Sendable {
    /// The type of the stanza that names the team a file was written for; age ignores it.
    static let stanzaType = "kstack-recipients"

    /// Where the files of recipients are, below an environment and below the folder of vaults.
    static let folderName = ".recipients"

    /// One stanza is our own.
    private static let countLimit = Age.stanzaLimit - 1

    /// The team that they make up.
    let team: Name

    /// Their public keys, each once.
    let keys: [Recipient]

    /// Records in a file who it was written for: a hint for keeping and rekeying, never a proof.
    let stanza: Stanza

    /// Reads the recipients file of a team: the environment's own, else the one of all environments.
    ///
    /// - Throws: `configuration` where there is none, or it is malformed, mixes both kinds, is a link, or untrusted; `io`.
    init(of team: Name, in vault: Vault) throws(KStackError) {
        let name = "\(team.text).txt"
        let own = try Self.read(name, below: vault.folder, of: vault)
        let found = if let own { own } else { try Self.read(name, below: vault.root, of: vault) }
        guard let keys = found else {
            throw KStackError(
                .configuration,
                "no recipients for team '\(team.text)': neither \(vault.path)/\(Self.folderName)/\(name) nor "
                    + "\(vault.root.path)/\(Self.folderName)/\(name) exists; write one with a line age1… for each person"
            )
        }
        self.team = team
        self.keys = keys
        let hash = try mapError(KStackError.memory) { () throws(SodiumError) in
            var text = FallibleArray<UInt8>()
            for line in keys.map({ $0.bech32 + "\n" }).sorted() { try text.append(contentsOf: line.utf8) }
            return SHA256.base64(of: text.span)
        }
        stanza = Stanza(type: Self.stanzaType, arguments: [team.text, hash], body: [])
    }

    /// The team that a file says it was written for; nil where it says none.
    static func team(in stanzas: [Stanza]) -> String? {
        stanzas.first { $0.type == stanzaType }?.arguments.first
    }

    private static func read(
        _ name: String,
        below folder: borrowing Directory,
        of vault: Vault
    ) throws(KStackError) -> [Recipient]? {
        guard let recipients = try openFolder(below: folder) else { return nil }
        try check(recipients.status, recipients.path, vault)
        guard let file = try open(name, in: recipients) else { return nil }
        try check(file.status, file.path, vault)
        return try keys(of: file)
    }

    /// Refuses what is not trusted.
    ///
    /// Root may read anyone's files, but secrets only go to recipients that root or the vault's owner chose.
    private static func check(_ status: FileStatus, _ path: String, _ vault: Vault) throws(KStackError) {
        try vault.trust.check(status, path: path)
        guard vault.trust.user == 0 else { return }
        let owner = vault.folder.status.owner
        guard status.owner == 0 || status.owner == owner else {
            throw KStackError(
                .configuration,
                "\(path) is refused: it belongs to user \(status.owner), who is neither root nor the owner of the vault "
                    + "(\(owner)), and could choose whom to encrypt for; run: chown \(owner) -- \(Trust.shellQuoted(path))"
            )
        }
    }

    private static func openFolder(below folder: borrowing Directory) throws(KStackError) -> Directory? {
        do throws(FileError) {
            return try folder.directory(folderName)
        } catch {
            if error.kind == .notFound { return nil }
            throw KStackError.file(error)
        }
    }

    private static func open(_ name: String, in folder: borrowing Directory) throws(KStackError) -> OpenFile? {
        do throws(FileError) {
            return try folder.file(name)
        } catch {
            if error.kind == .notFound { return nil }
            throw KStackError.file(error)
        }
    }

    private static func keys(of file: borrowing OpenFile) throws(KStackError) -> [Recipient] {
        let content = try mapError(KStackError.file, file.readAll(limit: Age.keyFileLimit))
        var keys: [Recipient] = []
        for key in try mapError(KStackError.age(file.path), Recipient.parse(file: content.span))
        where keys.count <= countLimit {
            if !keys.contains(key) { keys.append(key) }
        }
        let limit = keys.contains(where: \.isPostQuantum) ? Age.hybridLimit : countLimit
        guard keys.count <= limit else {
            throw KStackError(
                .configuration,
                "\(file.path) names more than \(limit) recipients, which is as many as a file can be written for"
            )
        }
        guard !Recipient.areMixed(keys) else {
            throw KStackError(
                .configuration,
                "\(file.path) mixes post-quantum recipients (age1pq1…) and classical ones (age1…), and a file for both is "
                    + "no safer than one for the classical ones: leave one kind in it (kstack recipients remove)"
            )
        }
        return keys
    }
}

extension Vault {
    /// The path of a team's recipients file; where the environment has none, that of all environments.
    ///
    /// - Parameter team: nil for `team` of `.kstack.yaml`, else `dev`.
    public func recipientsFile(of team: Name?) throws(KStackError) -> String {
        let name = "\(Recipients.folderName)/\(try self.team(team).text).txt"
        return try mapError(
            KStackError.file,
            Paths.linkStatus(of: "\(path)/\(name)") != nil ? "\(path)/\(name)" : "\(root.path)/\(name)"
        )
    }
}
