import Age
import ArgumentParser
import KStack
import KStackAny
import KStackLocal
import Sodium
import System

/// The options of every command: the project and the identities.
struct Session: ParsableArguments {
    @Option(
        name: [.customShort("C"), .customLong("project-root")],
        help: "The folder from which .kstack.yaml is looked for.",
        completion: .directory
    )
    var projectRoot: String?

    @Option(help: "A file of age identities, before all other sources.", completion: .file())
    var identityFile: String?

    @Option(
        name: [.customShort("e"), .long],
        help: "The environment; default: the detected one.",
        completion: .environments
    )
    var environment: String?

    @Flag(help: "Show lines of the log.")
    var verbose = false

    /// A container for the project.
    func container() throws(KStackError) -> Container {
        var options = Container.Options()
        options.projectRoot = projectRoot
        options.identityFile = identityFile
        let isVerbose = verbose
        options.log = Log { level, line in
            guard level == .warning || isVerbose else { return }
            StandardStream.error.write("kstack: \(line)\n")
        }
        return try Container(options, signs: ProcessContext.signs, variables: .process, version: Container.version)
    }

    /// The environment that was named; nil for the detected one.
    func namedEnvironment() throws(KStackError) -> Name? {
        try Parsing.name(environment, "an environment")
    }

    /// The vault of the environment.
    func vault() throws(KStackError) -> Vault {
        try container().openVault(namedEnvironment())
    }
}

/// A file of a vault, `LAYER/FILE`.
struct VaultFileName: ExpressibleByArgument {
    let layer: String
    let name: String

    init?(argument: String) {
        let parts = argument.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        layer = String(parts[0])
        name = String(parts[1])
    }

    /// The layer that the path begins with.
    func parsedLayer() throws(KStackError) -> Layer {
        try Layer(parsing: layer)
    }

    /// The path relative to the vault.
    func path() throws(KStackError) -> String { "\(try parsedLayer().name)/\(name)" }
}

/// Writes for programs, and for people.
enum Output {
    /// The error of a line that could not be written, for the end of the program.
    static let failure = Guarded<FileError?>(nil)

    /// A line on standard output.
    static func line(_ text: String) {
        do throws(FileError) {
            try StandardStream.output.write("\(text)\n".utf8.span)
        } catch {
            failure.withLock { $0 = $0 ?? error }
        }
    }

    /// Refuses to send secrets to a terminal, unless they were asked for by name.
    static func checkPlace(force: Bool) throws(KStackError) {
        guard force || !StandardStream.output.isTerminal else {
            throw KStackError(
                .invalidArgument,
                "these are secrets, which a terminal keeps: send them to a file or a program, or use --force"
            )
        }
    }

    /// A line for people, on standard error.
    static func tell(_ text: String) {
        StandardStream.error.write("\(text)\n")
    }

    /// Bytes that may be a secret, on standard output; to a terminal only what it can show.
    static func write(_ bytes: Span<UInt8>, force: Bool = false, endsLine: Bool = false) throws(KStackError) {
        if StandardStream.output.isTerminal, !force {
            for index in bytes.indices where bytes[index] < 0x20 && ![0x09, 0x0A, 0x0D].contains(bytes[index]) {
                throw KStackError(
                    .invalidArgument,
                    "this is binary, which a terminal cannot show; send it to a file or a program, or use --force"
                )
            }
        }
        try mapError(KStackError.file, StandardStream.output.write(bytes))
        if endsLine, StandardStream.output.isTerminal { StandardStream.output.write("\n") }
    }
}

extension Output {
    /// All values of credentials, in a format.
    static func write(_ credentials: Credentials, _ format: Format, force: Bool = false) throws(KStackError) {
        let text = try Values.text(of: credentials, format)
        try write(text, force: force, endsLine: false)
    }

    /// One value of credentials, unchanged.
    static func write(_ credentials: Credentials, _ place: Range<Int>, force: Bool) throws(KStackError) {
        let value = try credentials.copy(of: place)
        try write(value, force: force, endsLine: true)
    }

    /// Bytes that may be a secret.
    static func write(_ bytes: borrowing SecretBytes, force: Bool, endsLine: Bool) throws(KStackError) {
        try write(bytes.span, force: force, endsLine: endsLine)
    }
}

/// Parses arguments of the command line.
enum Parsing {
    /// A name; nil for none.
    static func name(_ text: String?, _ kind: String) throws(KStackError) -> Name? {
        guard let text else { return nil }
        return try Name(text, kind: kind)
    }
}
