import KStackAny
import Sodium
import System

/// What git knows of a folder.
enum GitRepository {
    /// The output of git in a folder, without the last line feed; nil where git fails, which then says nothing itself.
    static func ask(_ arguments: [String], in folder: String) throws(KStackError) -> String? {
        let quiet = ["sh", "-c", "exec git \"$@\" 2>/dev/null", "sh", "--literal-pathspecs", "-C", folder]
        let ended = try inFiles { () throws(FileError) in try Program.run(quiet + arguments) }
        guard ended.code == 0 else { return nil }
        return text(ended.takeOutput())
    }

    private static func text(_ output: borrowing SecretBytes) -> String? {
        guard let valid = try? UTF8Span(validating: output.span) else { return nil }
        let text = String(copying: valid)
        return text.utf8.last == UInt8(ascii: "\n") ? String(text.dropLast()) : text
    }
}
