public import System

/// Why a call failed: the one error that callers see.
public struct KStackError: Error, Equatable {
    /// The kinds of failure; each has a status in the C header.
    public enum Code: Sendable, CaseIterable {
        case invalidArgument
        case environment
        case configuration
        case serviceNotFound
        case layerAccess
        case route
        case vault
        case clusterAPI
        case io
        case `internal`
        case conflict
        case timeout
        case cancelled
    }

    /// The kind of failure.
    public let code: Code

    /// What was looked for, where, and what to do next, in one line; never a secret, never a line of a file.
    public let message: String

    /// Whether the same call may succeed a little later.
    public let isRetryable: Bool

    /// The error of the file system behind an `io`, if there was one.
    public let cause: FileError?

    /// Makes an error; `message` must not hold a secret.
    public init(_ code: Code, _ message: String, isRetryable: Bool = false, cause: FileError? = nil) {
        self.code = code
        self.message = message
        self.isRetryable = isRetryable
        self.cause = cause
    }

    /// A list of what is available, for a message: at most 50 names, and how many more there are.
    public static func listing(_ names: some Sequence<String>, of count: Int) -> String {
        guard count > 0 else { return "none" }
        let first = Array(names.prefix(50))
        let shown = first.joined(separator: ", ")
        let others = count - first.count
        if others == 0 { return shown }
        return shown.isEmpty ? "\(others) with other names" : "\(shown) and \(others) more"
    }

    /// A string from outside as a message may show it: printable, in quotes, cut at 64 characters.
    public static func quoted(_ text: String) -> String {
        mayBeSecret(text) ? printable(text) : "'\(printable(text))'"
    }

    /// The end of a message that suggests a similar name; empty where no name is close.
    public static func suggestion(_ name: String, _ names: some Sequence<String>) -> String {
        var closest: (name: String, distance: Int)?
        for other in names {
            let distance = distance(name, other)
            guard distance <= max(1, name.utf8.count / 4), distance < closest?.distance ?? .max else { continue }
            closest = (other, distance)
        }
        return closest.map { "; did you mean '\($0.name)'?" } ?? ""
    }

    /// The edit distance with transpositions (Damerau-Levenshtein), at most the length of a name.
    private static func distance(_ first: String, _ second: String) -> Int {
        let (first, second) = (Array(first.utf8.prefix(64)), Array(second.utf8.prefix(64)))
        var beforeLast: [Int] = []
        var last = Array(0...second.count)
        for line in first.indices {
            var row = [line + 1]
            for column in second.indices {
                let change = last[column] + (first[line] == second[column] ? 0 : 1)
                var least = min(change, row[column] + 1, last[column + 1] + 1)
                if line > 0, column > 0, first[line] == second[column - 1], first[line - 1] == second[column] {
                    least = min(least, beforeLast[column - 1] + 1)
                }
                row.append(least)
            }
            (beforeLast, last) = (last, row)
        }
        return last[second.count]
    }

    /// A string from outside as a message may show it, without quotes: printable, cut at 64 characters.
    public static func printable(_ text: String) -> String {
        if holdsPrivateKey(text) { return "(a private key)" }
        if mayBeSecret(text) { return "(\(text.unicodeScalars.count) characters that may be a secret)" }
        let shown = text.unicodeScalars.prefix(64).map { scalar -> Character in
            scalar.properties.generalCategory == .control || !scalar.isASCII && !scalar.properties.isAlphabetic
                ? "?" : Character(scalar)
        }
        return "\(String(shown))\(text.unicodeScalars.count > 64 ? "…" : "")"
    }
}
