import Documents
import Sodium

/// Environment variables that are made of credentials.
public enum EnvironmentVariables {
    /// Variables that make the loader, a shell or an interpreter run code, or the library look elsewhere.
    ///
    /// A secret may come from a file that another layer shares, and whoever writes that file must not run code here.
    private static let reservedPrefixes = [
        "BASH_FUNC_", "DYLD_", "GIT_CONFIG", "KSTACK_", "LD_", "LUA_", "PERL5", "PYTHON",
    ]

    private static let reserved: Set<String> = [
        "BASHOPTS", "BASH_ENV", "BROWSER", "BUNDLE_GEMFILE", "CDPATH", "CLASSPATH", "CORECLR_ENABLE_PROFILING",
        "CORECLR_PROFILER", "CORECLR_PROFILER_PATH", "DOTNET_STARTUP_HOOKS", "EDITOR", "ENV", "GCONV_PATH",
        "GEM_HOME", "GEM_PATH", "GIT_ASKPASS", "GIT_EDITOR", "GIT_EXEC_PATH", "GIT_EXTERNAL_DIFF", "GIT_PAGER",
        "GIT_PROXY_COMMAND", "GIT_SEQUENCE_EDITOR", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_TEMPLATE_DIR",
        "GLIBC_TUNABLES", "GOFLAGS", "HOME", "IFS", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "LESSCLOSE", "LESSOPEN",
        "LOCPATH", "NLSPATH", "NODE_OPTIONS", "NODE_PATH", "OPENSSL_CONF", "OPENSSL_ENGINES", "OPENSSL_MODULES",
        "PAGER", "PATH", "PERLLIB", "PHPRC", "PHP_INI_SCAN_DIR", "PROMPT_COMMAND", "PS4", "RUBYLIB", "RUBYOPT",
        "R_ENVIRON", "R_ENVIRON_USER", "R_PROFILE", "R_PROFILE_USER", "SHELL", "SHELLOPTS", "VISUAL", "ZDOTDIR",
        "_JAVA_OPTIONS",
    ]

    /// Credentials as variables, in the same order: a name is in upper case, with `_` for `-`.
    ///
    /// - Parameter prefix: the prefix of all variables, such as `S3_`.
    /// - Throws: `configuration` for a name or a value that no variable can have, two names of one variable, and a variable
    ///   that no secret may set.
    public static func variables(
        of credentials: Credentials,
        prefix: String = ""
    ) throws(KStackError) -> Credentials {
        let source = credentials.sourceText
        var entries = FallibleArray<(name: String, value: Range<Int>)>()
        var known = FallibleIndex()
        for position in 0..<credentials.count {
            guard let place = credentials.name(at: position), let value = credentials.value(at: position) else {
                continue
            }
            let name = credentials.arena.text(at: place)
            guard isValid(prefix + name) else {
                throw KStackError(
                    .configuration,
                    "\(KStackError.quoted(name)) (name \(position + 1)) in \(source) is not a valid variable name: use "
                        + "letters, digits, '_' and '-', not starting with a digit or '-'"
                )
            }
            let variable = String(
                decoding: (prefix + name).utf8.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0.asciiUpperCased },
                as: UTF8.self
            )
            guard !isReserved(variable) else {
                throw KStackError(
                    .configuration,
                    "secret '\(KStackError.printable(name))' in \(source) cannot be exported: setting \(variable) could make "
                        + "programs run other code; rename it"
                )
            }
            let hash = variable.utf8.span.hash
            if let earlier = known.position(hash: hash, where: { entries[$0].name == variable }) {
                throw KStackError(
                    .configuration,
                    "\(KStackError.quoted(credentials.nameText(at: earlier))) and \(KStackError.quoted(name)) in \(source) are both for the variable "
                        + "\(KStackError.printable(variable)); rename one"
                )
            }
            guard !credentials.arena.holdsNUL(value) else {
                throw KStackError(
                    .configuration,
                    "the value of \(KStackError.quoted(name)) in \(source) holds a NUL, which no variable can hold"
                )
            }
            try mapError(KStackError.memory) { () throws(SodiumError) in
                try known.insert(hash: hash, position: entries.count)
                try entries.append((variable, value))
            }
        }
        return try credentials.selecting(entries)
    }

    /// ASCII only: upper case of other letters depends on the language.
    private static func isValid(_ name: String) -> Bool {
        guard let first = name.utf8.first, first.isASCIILetter || first == UInt8(ascii: "_") else { return false }
        return name.utf8.allSatisfy { byte in
            byte.isASCIILetter || byte.isASCIIDigit || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
        }
    }

    /// Whether a variable makes programs run code.
    private static func isReserved(_ variable: String) -> Bool {
        reserved.contains(variable) || reservedPrefixes.contains { variable.utf8.starts(with: $0.utf8) }
    }
}
