import KStackAny
import System

/// Which files are trusted: what others may write could send secrets elsewhere, or put others in their place.
struct Trust: Sendable {
    /// The user id of the caller.
    let user: UInt32

    /// Whether a group is a user's private one, which is nobody else.
    var isPrivate: @Sendable (_ group: UInt32, _ user: UInt32) -> Bool = { Users.isPrivate(group: $0, of: $1) }

    /// Refuses a file or folder that others may write, or that belongs to neither the caller nor root.
    ///
    /// - Throws: `configuration`, with the command that mends it.
    func check(_ status: FileStatus, path: String) throws(KStackError) {
        try checkOwner(status, path: path)
        // Asked only where the group may write: it takes a look into the system's files, or a question to its services.
        let isWritable = status.mode & 0o002 != 0 || status.mode & 0o020 != 0 && !isPrivate(status.group, status.owner)
        guard !isWritable else {
            throw KStackError(
                .configuration,
                "\(path) is refused: other users may write it (mode \(String(status.mode, radix: 8))); run: "
                    + "chmod go-w -- \(Self.shellQuoted(path))"
            )
        }
    }

    /// Refuses a file of secrets that others may read or write, or that belongs to neither the caller nor root.
    ///
    /// - Throws: `configuration`, with the command that mends it.
    func checkPrivate(_ status: FileStatus, path: String) throws(KStackError) {
        try checkOwner(status, path: path)
        guard status.mode & 0o077 == 0 else {
            throw KStackError(
                .configuration,
                "\(path) is refused: other users may read or write it (mode \(String(status.mode, radix: 8))); run: "
                    + "chmod 600 -- \(Self.shellQuoted(path))"
            )
        }
    }

    /// Refuses what belongs to somebody else, unless the caller is root.
    func checkOwner(_ status: FileStatus, path: String) throws(KStackError) {
        guard status.owner == user || status.owner == 0 || user == 0 else {
            throw KStackError(
                .configuration,
                "\(path) is refused: it belongs to user \(status.owner), who is neither you (\(user)) nor root"
            )
        }
    }

    /// A path as one word of a shell, since the command of a message is there to be pasted.
    static func shellQuoted(_ path: String) -> String {
        let parts = path.utf8.split(separator: UInt8(ascii: "'"), omittingEmptySubsequences: false)
        return "'" + parts.map { String($0) ?? "" }.joined(separator: "'\\''") + "'"
    }
}
