import Age
public import KStackAny
public import Sodium
import System

/// Versions of vault files that git keeps elsewhere for a while.
extension Vault {
    /// Decrypts a file anywhere, in memory; an empty file, as git may leave it, gives an empty plaintext.
    ///
    /// - Throws: `vault`, `configuration`, `io`.
    public func decrypt(fileAt path: String, limit: Int = readLimit) throws(KStackError) -> SecretBytes {
        let file = try Self.open(path)
        guard file.status.size > 0 else {
            return try mapError(KStackError.memory, SecretBytes(count: 0))
        }
        return try decrypt(file, limit: limit)
    }

    /// Encrypts a plaintext for the team of a file anywhere, and replaces that file.
    ///
    /// - Parameter name: the path of the file in the repository, which says whether it must be YAML.
    /// - Throws: `configuration` where its team has no recipients, or it is YAML that cannot be read; `io`.
    public func encrypt(_ content: Span<UInt8>, toFileAt path: String, named name: String) throws(KStackError) {
        try YAMLCheck.check(content, named: name, path: name)
        let recipients = try Teams(of: self, named: nil).standing(of: Self.open(path)).recipients
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let folder = parts.count > 1 ? parts.dropLast().joined(separator: "/") : "."
        let directory = try mapError(KStackError.file, Directory.open(path: folder.isEmpty ? "/" : folder))
        var sink = FileSink(plain: try mapError(KStackError.file, TemporaryFile.make(in: directory)))
        try mapError(KStackError.age(path)) { () throws(AgeError) in
            var source = try SecretSource(copying: content)
            try Age.encrypt(from: &source, to: &sink, for: recipients.keys, extraStanzas: [recipients.stanza])
        }
        var written = sink.finish()
        try mapError(KStackError.file) { () throws(FileError) in
            try written.setMode(0o644)
            try written.synchronize()
            try written.replace(String(parts.last ?? ""))
        }
    }

    private static func open(_ path: String) throws(KStackError) -> OpenFile {
        try mapError(KStackError.file, OpenFile.open(path: path))
    }
}
