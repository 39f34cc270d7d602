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

/// Parses arguments of the command line.
enum Parsing {
    /// A name; nil for none.
    static func name(_ text: String?, _ kind: String) throws(KStackError) -> Name? {
        guard let text else { return nil }
        return try Name(text, kind: kind)
    }
}
