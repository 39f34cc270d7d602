import KStackAny
import System

/// Which files are trusted: whoever may write one could send secrets elsewhere, or replace them.
struct Trust: Sendable {
    /// The user id of the caller.
    let user: UInt32

    /// Whether a group is a user's private one, without other members.
    var isPrivate: @Sendable (_ group: UInt32, _ user: UInt32) -> Bool = { Users.isPrivate(group: $0, of: $1) }

    /// The name of a file system that keeps no modes; nil for others.
    var fileSystemWithoutModes: @Sendable (_ path: String) -> String? = { Paths.fileSystemWithoutModes(at: $0) }

    /// The other files that others may write, so that one error names all, and the folders on which to run chmod.
    var alike: @Sendable (_ isWritable: (FileStatus) -> Bool) -> (paths: [String], roots: [String]) = { _ in ([], []) }

    /// Refuses a file or folder that others may write, or that belongs to neither the caller nor root.
    ///
    /// - Throws: `configuration`, with the command that fixes it.
    func check(_ status: FileStatus, path: String) throws(KStackError) {
        try checkOwner(status, path: path)
        // Only where the group may write: looking up groups reads system files, or asks system services.
        guard isWritable(status) else { return }
        let others = alike { isWritable($0) }.paths.filter { $0 != path }
        let more =
            others.isEmpty ? "" : ", and so may they \(KStackError.listing(Array(others.prefix(5)), of: others.count))"
        throw KStackError(
            .configuration,
            "\(path) is refused: other users may write it (mode \(String(status.mode, radix: 8)))\(more), and could put "
                + "other secrets or recipients in its place; \(remedy(path, others))"
        )
    }

    /// Whether anyone but the owner may write a file.
    private func isWritable(_ status: FileStatus) -> Bool {
        status.mode & 0o002 != 0 || status.mode & 0o020 != 0 && !isPrivate(status.group, status.owner)
    }

    /// How to take write permission from others, on the file system of the path.
    private func remedy(_ path: String, _ others: [String]) -> String {
        if let name = fileSystemWithoutModes(path) {
            return "its file system (\(name)) keeps no modes, so chmod does nothing: mount it with umask=022 (WSL: "
                + "options = \"metadata,umask=022\" below [automount] in /etc/wsl.conf), or move the project to another"
        }
        let roots = others.isEmpty ? [path] : alike { isWritable($0) }.roots
        let words = roots.map { Self.shellQuoted($0) }.joined(separator: " ")
        return "run: chmod \(others.isEmpty ? "" : "-R ")go-w -- \(words)"
    }

    /// Refuses a file of secrets that others may read or write, or that belongs to neither the caller nor root.
    ///
    /// - Throws: `configuration`, with the command that fixes it.
    func checkPrivate(_ status: FileStatus, path: String) throws(KStackError) {
        try checkOwner(status, path: path)
        guard status.mode & 0o077 == 0 else {
            throw KStackError(
                .configuration,
                "\(path) is refused: other users may read or write it (mode \(String(status.mode, radix: 8))); "
                    + (fileSystemWithoutModes(path).map {
                        "its file system (\($0)) keeps no modes, so chmod does nothing: move it to another, or put the key "
                            + "itself into KSTACK_AGE_KEY"
                    } ?? "run: chmod 600 -- \(Self.shellQuoted(path))")
            )
        }
    }

    /// Refuses what belongs to somebody else, unless the caller is root.
    func checkOwner(_ status: FileStatus, path: String) throws(KStackError) {
        guard status.owner == user || status.owner == 0 || user == 0 else {
            throw KStackError(
                .configuration,
                "\(path) is refused: it belongs to user \(status.owner), who is neither you (\(user)) nor root, and could "
                    + "put something else in its place; run: sudo chown \(user) -- \(Self.shellQuoted(path)) (in a "
                    + "container: run it as user \(status.owner))"
            )
        }
    }

    /// A path as one shell word, so that the command in a message can be pasted.
    static func shellQuoted(_ path: String) -> String {
        let parts = path.utf8.split(separator: UInt8(ascii: "'"), omittingEmptySubsequences: false)
        return "'" + parts.map { String($0) ?? "" }.joined(separator: "'\\''") + "'"
    }
}
