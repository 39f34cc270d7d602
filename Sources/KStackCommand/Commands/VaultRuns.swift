import ArgumentParser
import KStackAny
import KStackLocal
import Sodium
import System

/// Prints the results for files, one per line.
enum Report {
    /// The word for a result, the same in all bindings.
    static func word(_ result: VaultReport.Result) -> String {
        switch result {
        case .unchanged: "unchanged"
        case .written: "written"
        case .conflict: "conflict"
        case .failed: "failed"
        case .stale: "stale"
        case .encrypted: "encrypted"
        case .decrypted: "decrypted"
        case .edited: "edited"
        case .inClear: "in clear"
        }
    }

    /// Runs over a vault, writes the report, and throws the error of the run.
    static func show(
        _ doing: String,
        _ run: () throws(KStackError) -> VaultReport
    ) throws(KStackError) -> VaultReport {
        let report = try watched(doing, run)
        try show(report)
        return report
    }

    /// Shows progress at a terminal after a second.
    private static func watched(
        _ doing: String,
        _ run: () throws(KStackError) -> VaultReport
    ) throws(KStackError) -> VaultReport {
        guard StandardStream.error.isTerminal else { return try run() }
        let isShown = Guarded(false)
        // Return to the start of the line, and erase it.
        defer { if isShown.withLock({ $0 }) { StandardStream.error.write("\r\u{1B}[K") } }
        return try Ticker.run(
            { seconds in
                isShown.withLock { $0 = true }
                StandardStream.error.write("\rkstack: \(doing), \(seconds) s")
            },
            during: run
        )
    }

    private static func show(_ report: VaultReport) throws(KStackError) {
        for entry in report.entries {
            let message = entry.message.isEmpty ? "" : ": \(entry.message)"
            Output.line("\(word(entry.result))  \(entry.path)\(message)")
        }
        if let failure = report.failure { throw failure }
    }
}

/// The options of runs over a vault.
struct RunOptions: ParsableArguments {
    @Argument(help: "Files such as layer3/app.yaml; default: all.", completion: .vaultFiles)
    var files: [String] = []

    @Option(help: "The team whose recipients files are written for.")
    var team: String?

    /// The options of the library.
    func options(overwrites: Bool = false, checksOnly: Bool = false) throws(KStackError) -> VaultOptions {
        VaultOptions(
            team: try Parsing.name(team, "a team"),
            files: try files.isEmpty ? nil : mapError(KStackError.memory, FallibleArray(files)),
            overwrites: overwrites,
            checksOnly: checksOnly
        )
    }
}

/// `kstack encrypt`.
struct Encrypt: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Encrypt plaintext files for the team, and remove them.",
        discussion: "Examples:\n  kstack encrypt\n  kstack encrypt layer3/app.yaml --team ops"
    )

    @OptionGroup var session: Session
    @OptionGroup var chosen: RunOptions

    @Flag(help: "The plaintext wins over an encrypted form that somebody else changed.")
    var overwrite = false

    func run() throws {
        let (vault, options) = (try session.vault(), try chosen.options(overwrites: overwrite))
        _ = try Report.show("encrypting") { () throws(KStackError) in try vault.encrypt(options) }
    }
}

/// `kstack decrypt`.
struct Decrypt: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write the plaintext of files next to them.",
        discussion: "Examples:\n  kstack decrypt\n  kstack decrypt layer3/app.yaml"
    )

    @OptionGroup var session: Session
    @OptionGroup var chosen: RunOptions

    @Flag(help: "The encrypted form wins over a plaintext that was edited.")
    var overwrite = false

    func run() throws {
        let (vault, options) = (try session.vault(), try chosen.options(overwrites: overwrite))
        _ = try Report.show("decrypting") { () throws(KStackError) in try vault.decrypt(options) }
    }
}

/// `kstack rekey`.
struct Rekey: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Re-encrypt files that are written for other recipients than their team has now.",
        discussion: "Examples:\n  kstack rekey --check\n  kstack rekey"
    )

    @OptionGroup var session: Session
    @OptionGroup var chosen: RunOptions

    @Flag(help: "Only report stale files; exit with 1 if there are any.")
    var check = false

    func run() throws {
        let (vault, options) = (try session.vault(), try chosen.options(checksOnly: check))
        let report = try Report.show("rekeying") { () throws(KStackError) in try vault.rekey(options) }
        if report.entries.contains(where: { $0.result == .stale }) { throw CheckFailed() }
    }
}
