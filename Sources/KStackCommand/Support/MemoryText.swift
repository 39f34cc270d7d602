import KStackAny
import KStackLocal
import Sodium
import System

/// Plaintext in memory-backed storage.
enum MemoryText {
    /// A folder for it.
    static func folder() throws(KStackError) -> MemoryFolder {
        do throws(FileError) {
            return try MemoryFolder.make()
        } catch {
            throw KStackError(
                .io,
                "no memory-backed storage to edit in (tried \(error.path)): mount a tmpfs, or set "
                    + "XDG_RUNTIME_DIR to one"
            )
        }
    }

    /// Writes a file of mode 0600.
    static func write(_ content: Span<UInt8>, _ name: String, in folder: borrowing MemoryFolder) throws(KStackError) {
        try mapError(KStackError.file) { () throws(FileError) in
            let directory = try Directory.open(path: folder.path)
            var file = try TemporaryFile.make(in: directory)
            try file.write(content)
            try file.replace(name)
        }
    }

    /// Reads a file back.
    static func read(_ name: String, in folder: borrowing MemoryFolder) throws(KStackError) -> SecretBytes {
        try mapError(KStackError.file, Directory.open(path: folder.path).file(name).readAll(limit: Vault.readLimit))
    }
}
