import KStackAny
import Sodium
import System

/// The merge of three versions of a plaintext, as git does it, in memory.
final class ThreeWayMerge {
    /// The versions, in the order in which git hands them to a merge driver.
    enum Version: Int, CaseIterable {
        case base
        case ours
        case theirs

        /// Its name for people, and its file's.
        var name: String { "\(self)" }

        /// The stage that it has in the index of git, while a merge is not finished.
        var stage: Int { rawValue + 1 }
    }

    /// The result of a merge.
    struct Merged: ~Copyable {
        /// Whether there are conflict markers, around lines that both sides changed.
        let hasConflicts: Bool
        private let text: SecretBytes

        fileprivate init(text: consuming SecretBytes, hasConflicts: Bool) {
            self.text = text
            self.hasConflicts = hasConflicts
        }

        /// Takes out the text.
        consuming func takeText() -> SecretBytes { text }
    }

    private let folder: MemoryFolder

    /// Writes the versions to memory-backed files.
    ///
    /// - Parameter read: returns the plaintext of one; its second argument is a path in memory for its own use.
    init(_ read: (Version, String) throws(KStackError) -> SecretBytes) throws(KStackError) {
        folder = try MemoryText.folder()
        for version in Version.allCases {
            let content = try read(version, "\(folder.path)/\(version.name)")
            try Self.write(content, version.name, in: folder)
        }
    }

    /// Writes versions that were read already.
    init(
        base: borrowing SecretBytes,
        ours: borrowing SecretBytes,
        theirs: borrowing SecretBytes
    ) throws(KStackError) {
        folder = try MemoryText.folder()
        try Self.write(base, "base", in: folder)
        try Self.write(ours, "ours", in: folder)
        try Self.write(theirs, "theirs", in: folder)
    }

    /// Merges; where both sides changed the same lines, the text has both, with conflict markers.
    func text() throws(KStackError) -> Merged {
        let labels = ["-L", "ours", "-L", "base", "-L", "theirs"]
        let files = ["ours", "base", "theirs"].map { "\(folder.path)/\($0)" }
        let ended = try mapError(KStackError.file, Program.run(["git", "merge-file", "-p"] + labels + files))
        // git exits with the number of conflicts, at most 127; more is an error.
        let code = ended.code
        guard code < 128 else { throw KStackError(.io, "git merge-file failed; nothing was written") }
        return Merged(text: ended.takeOutput(), hasConflicts: code != 0)
    }

    /// Whether a file still has conflict markers.
    static func hasMarks(_ text: borrowing SecretBytes) -> Bool {
        let marks = ["<<<<<<< ", ">>>>>>> "]
        let bytes = text.span
        var start = 0
        while start < bytes.count {
            for mark in marks where mark.utf8.count <= bytes.count - start {
                if zip(start..., mark.utf8).allSatisfy({ bytes[$0] == $1 }) { return true }
            }
            while start < bytes.count, bytes[start] != UInt8(ascii: "\n") { start += 1 }
            start += 1
        }
        return false
    }

    private static func write(
        _ content: borrowing SecretBytes,
        _ name: String,
        in folder: borrowing MemoryFolder
    ) throws(KStackError) {
        try MemoryText.write(content.span, name, in: folder)
    }
}
