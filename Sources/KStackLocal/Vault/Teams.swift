import Age
import KStackAny
import Sodium
import System

/// The recipients of the teams that files of a vault were written for; each team is looked up once in a run.
final class Teams: Sendable {
    /// Who should be able to read a file, and whether it is written for them.
    struct Standing {
        /// The team that the file names, else that of the call.
        let recipients: Recipients

        /// Whether the file names a team itself; those of other programs do not.
        let isNamed: Bool

        /// Whether it says that it was written for the recipients that its team has now.
        let isCurrent: Bool

        /// The message about a file that is not current.
        var advice: String {
            let team = recipients.team.text
            return isNamed
                ? "its recipients are not those that team '\(team)' has now; run rekey"
                : "it does not say who can read it; rekey writes it for team '\(team)'"
        }
    }

    private let vault: Vault

    /// The team of the call; nil for `team` of `.kstack.yaml`, else `dev`.
    private let named: Name?

    /// How many teams are remembered; files can name any number of them.
    private static let mostKnown = 256

    private let known = Guarded<[String: Result<Recipients, KStackError>]>([:])

    /// Makes the teams of a vault; files of other programs count for `named`.
    init(of vault: Vault, named: Name?) {
        self.vault = vault
        self.named = named
    }

    /// Reads from its header who a file was written for.
    ///
    /// - Throws: `vault` for a damaged header; `configuration` where its team has no recipients; `io`.
    func standing(of file: consuming OpenFile) throws(KStackError) -> Standing {
        try standing(of: Self.header(of: file).stanzas)
    }

    /// Reads the header of a file.
    ///
    /// - Throws: `vault` for a damaged one; `io`.
    static func header(of file: consuming OpenFile) throws(KStackError) -> UnauthenticatedHeader {
        let path = file.path
        var source = FileSource(plain: file)
        return try mapError(KStackError.age(path), UnauthenticatedHeader(of: &source))
    }

    /// Finds out who a file with these stanzas was written for.
    ///
    /// - Throws: `configuration` where its team has no recipients; `io`.
    func standing(of stanzas: [Stanza]) throws(KStackError) -> Standing {
        let written = stanzas.first { $0.type == Recipients.stanzaType }
        // An invalid name was not written by kstack.
        let team = written.flatMap { $0.arguments.first }.flatMap { try? Name($0, kind: "a team") }
        let recipients = try recipients(of: team)
        return Standing(
            recipients: recipients,
            isNamed: team != nil,
            isCurrent: written.map { $0.arguments == recipients.stanza.arguments } ?? false
        )
    }

    /// The recipients of a team; nil for that of the call.
    private func recipients(of team: Name?) throws(KStackError) -> Recipients {
        let team = if let team { team } else { try vault.team(named) }
        if let found = known.withLock({ $0[team.text] }) { return try found.get() }
        let result: Result<Recipients, KStackError>
        do throws(KStackError) {
            result = .success(try Recipients(of: team, in: vault))
        } catch {
            result = .failure(error)
        }
        known.withLock { known in
            if known.count < Self.mostKnown { known[team.text] = result }
        }
        return try result.get()
    }
}
