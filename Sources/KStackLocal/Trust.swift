import Files
import KStackAny

/// Whose files are believed: what others may write could send secrets elsewhere, or put others in their place.
struct Trust: Sendable {
    /// The user id of the caller.
    let user: UInt32

    /// Refuses a file or folder that others may write, or that belongs to neither the caller nor root.
    ///
    /// - Throws: `configuration`, with the command that mends it.
    func check(_ status: FileStatus, path: String) throws(KStackError) {
        try checkOwner(status, path: path)
        guard status.mode & 0o022 == 0 else {
            throw KStackError(
                .configuration,
                "\(path) is refused: other users may write it (mode \(String(status.mode, radix: 8))); run: "
                    + "chmod go-w '\(path)'"
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
                    + "chmod 600 '\(path)'"
            )
        }
    }

    /// Refuses what belongs to somebody else, unless the caller is root.
    private func checkOwner(_ status: FileStatus, path: String) throws(KStackError) {
        guard status.owner == user || status.owner == 0 || user == 0 else {
            throw KStackError(
                .configuration,
                "\(path) is refused: it belongs to user \(status.owner), who is neither you (\(user)) nor root"
            )
        }
    }
}
