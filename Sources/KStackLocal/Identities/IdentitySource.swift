import KStackAny
import Sodium
import System

/// One of the places where identities may be, in the order in which they are looked at.
enum IdentitySource: CaseIterable, Sendable {
    case option
    case kstackText
    case kstackFile
    case sopsText
    case sopsFile
    case kstackDefault
    case sopsDefault

    /// The state of a source, before anything is read.
    enum Finding: Equatable, Sendable {
        /// The variable or option is not set, or nothing is at the path.
        case absent(String)

        /// The variable itself holds the identities.
        case text(variable: String)

        /// The identities are in a file.
        case file(path: String)
    }

    /// Its name in messages.
    var label: String {
        switch self {
        case .option: "option identity_file"
        case .kstackText: "KSTACK_AGE_KEY"
        case .kstackFile: "KSTACK_AGE_KEY_FILE"
        case .sopsText: "SOPS_AGE_KEY"
        case .sopsFile: "SOPS_AGE_KEY_FILE"
        case .kstackDefault: "kstack's key file"
        case .sopsDefault: "sops's key file"
        }
    }

    /// Checks whether the source is set or exists.
    ///
    /// - Parameters:
    ///   - option: the path that the caller gave.
    ///   - variables: the variables of the process.
    func find(option: String?, variables: Variables) throws(KStackError) -> Finding {
        switch self {
        case .option: return try file(option)
        case .kstackText, .sopsText:
            let text = try mapError(KStackError.memory, variables.secret(label))
            return text == nil ? .absent("not set") : .text(variable: label)
        case .kstackFile, .sopsFile: return try file(variables.text(label))
        case .kstackDefault: return try Self.find("kstack/age/keys.txt", variables)
        case .sopsDefault: return try Self.find("sops/age/keys.txt", variables)
        }
    }

    /// The shell command that makes an identity where it is looked for.
    static func recipe(_ variables: Variables) -> String {
        let base = variables.text("XDG_CONFIG_HOME").flatMap { Paths.isAbsolute($0) ? Trust.shellQuoted($0) : nil }
        let folder = "\(base ?? "~/.config")/kstack/age"
        return "mkdir -p \(folder) && age-keygen -o \(folder)/keys.txt"
    }

    /// The file at a path that a variable holds.
    ///
    /// - Throws: `configuration` for a key in place of a path; the message does not quote it.
    private func file(_ path: String?) throws(KStackError) -> Finding {
        guard let path else { return .absent("not set") }
        guard !KStackError.holdsPrivateKey(path), !path.utf8.contains(UInt8(ascii: "\n")) else {
            throw KStackError(
                .configuration,
                "\(label) holds a key, not a path; use KSTACK_AGE_KEY for the key itself"
            )
        }
        return .file(path: path)
    }

    /// Why there is no configuration folder.
    private static func reason(_ variables: Variables) -> String {
        if variables.text("HOME") != nil { return "HOME is not an absolute path" }
        return variables.text("XDG_CONFIG_HOME") == nil
            ? "HOME and XDG_CONFIG_HOME are not set" : "XDG_CONFIG_HOME is not an absolute path, and HOME is not set"
    }

    /// Looks for a file in the user's configuration folder (XDG Base Directory Specification: a relative path counts as
    /// unset).
    private static func find(_ name: String, _ variables: Variables) throws(KStackError) -> Finding {
        let folder: String
        if let base = variables.text("XDG_CONFIG_HOME"), Paths.isAbsolute(base) {
            folder = base
        } else if let home = variables.text("HOME"), Paths.isAbsolute(home) {
            folder = Paths.resolve(".config", from: home)
        } else {
            return .absent("not checked: \(reason(variables))")
        }
        let path = Paths.resolve(name, from: folder)
        return try mapError(
            KStackError.file,
            Paths.status(of: path) == nil ? .absent("\(path) does not exist") : .file(path: path)
        )
    }
}
