import KStack
import KStackAny
import KStackLocal

/// Teams that are moving from classical keys to post-quantum ones.
extension RecipientsCommand {
    /// The prefix of post-quantum keys.
    private static let postQuantum = "age1pq1"

    /// Warns that a team has both kinds of keys, and how to get to one.
    ///
    /// - Returns: whether it has.
    static func tellOfMixture(_ file: String, _ team: Name, _ container: Container) throws(KStackError) -> Bool {
        let all = entries(of: try ProjectFiles.read(file) ?? "")
        let classical = all.filter { !$0.key.hasPrefix(postQuantum) }
        guard !classical.isEmpty, classical.count < all.count else { return false }
        Output.tell(
            "\(file) mixes post-quantum keys (age1pq1…) and classical ones (age1…) now. A file for both is no safer than "
                + "one for the classical ones, so nothing is encrypted for team '\(team.text)' until one kind is left. When "
                + "all have a post-quantum key in it, remove the classical ones, and then rekey:"
        )
        let option = try usualTeam(container).text == team.text ? "" : " --team \(team.text)"
        for entry in classical {
            let name = entry.name.isEmpty ? "" : "  # \(entry.name)"
            Output.tell("  kstack recipients remove \(entry.key)\(option)\(name)")
        }
        return true
    }

    /// Whether a team has post-quantum keys, and no others.
    static func isPostQuantum(_ file: String) throws(KStackError) -> Bool {
        let all = entries(of: try ProjectFiles.read(file) ?? "")
        return !all.isEmpty && all.allSatisfy { $0.key.hasPrefix(postQuantum) }
    }

    /// Whether adding a key does not mix the kinds of a team.
    static func fits(_ key: String, _ file: String) throws(KStackError) -> Bool {
        if key.hasPrefix(postQuantum) { return true }
        return try !isPostQuantum(file)
    }

    /// One of the user's own keys for a team with some keys: of the same kind where there is one.
    static func ownKey(of own: [String], for keys: some Sequence<String>) -> String? {
        let isPostQuantum = keys.contains { $0.hasPrefix(postQuantum) }
        return own.first { $0.hasPrefix(postQuantum) == isPostQuantum } ?? own.first
    }

    /// The user's own keys for a new team: the post-quantum ones where there are any.
    static func ownKeysForNewTeam(_ own: [String]) -> [String] {
        let keys = own.filter { $0.hasPrefix(postQuantum) }
        return keys.isEmpty ? own : keys
    }
}
