import KStackAny
import Sodium
import System

/// A git repository, asked by running git.
enum GitRepository {
    /// Clears the variables that git sets for a hook or a driver, which would make another folder the top of the tree.
    ///
    /// The index stays that of the commit that a hook checks.
    private static let script = """
        unset GIT_DIR GIT_WORK_TREE GIT_PREFIX
        case ${GIT_INDEX_FILE-} in "" | /*) ;; *) GIT_INDEX_FILE=$PWD/$GIT_INDEX_FILE; export GIT_INDEX_FILE ;; esac
        exec git "$@" 2>/dev/null
        """

    /// The output of git in a folder, without the last line feed; nil where git fails; its own message is dropped.
    static func ask(_ arguments: [String], in folder: String) throws(KStackError) -> String? {
        let quiet = ["sh", "-c", script, "sh", "--literal-pathspecs", "-C", folder]
        let ended = try mapError(KStackError.file, Program.run(quiet + arguments))
        guard ended.code == 0 else { return nil }
        return text(ended.takeOutput())
    }

    /// Whether a folder is in a working tree, by its folders alone; git may be missing, or may refuse.
    static func isAround(_ folder: String) throws(KStackError) -> Bool {
        for ancestor in Paths.ancestors(of: folder)
        where try ProjectFiles.exists("\(ancestor == "/" ? "" : ancestor)/.git") {
            return true
        }
        return false
    }

    /// The versions that git has of a file whose merge is not finished: ours and theirs, and the base where there is one.
    ///
    /// - Throws: `invalidArgument` where there is no such merge; `conflict` where a side has no such file.
    static func unmerged(_ path: String, in folder: String) throws(KStackError) -> [ThreeWayMerge.Version] {
        guard let listed = try ask(["ls-files", "-u", "--", path], in: folder) else {
            throw KStackError(.invalidArgument, "\(folder) is not in a git repository; edit the file without --merge")
        }
        // MODE OBJECT STAGE, a tab, and the path.
        let stages = listed.split(separator: "\n").compactMap { $0.prefix { $0 != "\t" }.split(separator: " ").last }
        let versions = ThreeWayMerge.Version.allCases.filter { stages.contains("\($0.stage)") }
        guard !versions.isEmpty else {
            throw KStackError(.invalidArgument, "git has no unfinished merge of \(path); edit it without --merge")
        }
        let lacking = [ThreeWayMerge.Version.ours, .theirs].filter { !versions.contains($0) }
        guard lacking.isEmpty else {
            let file = "\(folder)/\(path)"
            throw KStackError(
                .conflict,
                "\(path) has no two versions to merge: \(lacking.map(\.name).joined(separator: " and ")) removed or renamed "
                    + "it. To go on without the file: git rm -- '\(file)'; "
                    + "with the one that is there now: git add -- '\(file)'"
            )
        }
        return versions
    }

    private static func text(_ output: borrowing SecretBytes) -> String? {
        guard let valid = try? UTF8Span(validating: output.span) else { return nil }
        let text = String(copying: valid)
        return text.utf8.last == UInt8(ascii: "\n") ? String(text.dropLast()) : text
    }
}
