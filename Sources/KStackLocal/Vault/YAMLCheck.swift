import Documents
import KStackAny
import Sodium
import System

/// Refuses YAML files that no look-up could read once they are encrypted, by the reader of the look-ups.
enum YAMLCheck {
    /// Checks an open file, and goes back to its start; files of other names are not checked.
    static func check(_ plaintext: borrowing OpenFile, named name: String) throws(KStackError) {
        guard name.hasByteSuffix(".yaml") else { return }
        do throws(KStackError) {
            _ = try Document.read(plaintext)
        } catch {
            throw unreadable(error)
        }
        try mapError(KStackError.file, plaintext.rewind())
    }

    /// Checks what is in memory.
    static func check(_ content: Span<UInt8>, named name: String, path: String) throws(KStackError) {
        guard name.hasByteSuffix(".yaml") else { return }
        do throws(KStackError) {
            _ = try Document.parse(content, path: path)
        } catch {
            throw unreadable(error)
        }
    }

    private static func unreadable(_ error: KStackError) -> KStackError {
        guard error.code == .configuration else { return error }
        return KStackError(.configuration, "\(error.message); correct it first: nothing was encrypted")
    }
}
