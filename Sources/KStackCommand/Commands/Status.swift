import ArgumentParser
import KStack
import KStackAny
import KStackLocal
import System

/// `kstack status`.
struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show context, project, identities and the state of each file.",
        discussion: """
            With --check it ends with 1 where git would commit plaintext, a file is stale, or an edit is not encrypted: for \
            pre-commit hooks and CI. It needs no identity, and says what it could not look at.

            Examples:
              kstack status
              kstack status --check
              kstack status --json | jq -r '.files | to_entries[] | select(.value.current | not).key'
            """
    )

    @OptionGroup var session: Session

    @Flag(help: "End with 1 where something has to be done before a commit.")
    var check = false

    @Flag(help: "Write JSON.")
    var json = false

    func run() throws {
        let found = try look()
        if json {
            var text = try found.json()
            try Values.append("\n", to: &text)
            try Output.write(text, force: true, endsLine: false)
        } else {
            found.write()
        }
        guard check, !found.problems.isEmpty else { return }
        for problem in found.problems { Output.tell("kstack: \(problem)") }
        throw CheckFailed()
    }

    private func look() throws(KStackError) -> StatusFindings {
        MemoryFolder.removeLeftovers()
        let container = try session.container()
        let local = try container.local
        var found = StatusFindings()
        found.reason = ProcessContext.signs.reason
        found.vaults = try container.vaultRoot()
        found.identities = local.identities.sources
        let environments = try named(or: Array(local.secrets.environments()))
        found.environments = environments.map(\.text)
        let hasIdentity = try local.identities.hasSource()
        if !hasIdentity {
            found.notes.append("no identity: whether files can be read, and some edits, could not be looked at")
        }
        if let root = found.vaults {
            try found.lookForGit(around: root)
            try found.addTracked(below: root, environments: environments)
        }
        for environment in environments {
            let vault = try container.openVault(environment)
            for entry in try vault.status(VaultOptions()).entries {
                try found.add(entry, of: vault, canRead: hasIdentity)
            }
            if hasIdentity { try addNotes(of: environment, local.secrets, to: &found) }
        }
        return found
    }

    /// What kstack manifests would refuse, which does not stop a commit.
    private func addNotes(
        of environment: Name,
        _ secrets: LocalSecretsProvider,
        to found: inout StatusFindings
    ) throws(KStackError) {
        for layer in Layer.allCases {
            do throws(KStackError) {
                found.notes += try secrets.clusterProblems(of: layer, environment: environment)
            } catch {
                guard error.code == .configuration || error.code == .vault else { throw error }
                found.notes.append(error.message)
            }
        }
    }

    private func named(or all: [String]) throws(KStackError) -> [Name] {
        if let named = try session.namedEnvironment() { return [named] }
        var names: [Name] = []
        for text in all { names.append(try Name(text, kind: "an environment")) }
        return names
    }
}
