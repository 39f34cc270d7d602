import KStackAny
import Sodium
import System

/// Files of a project that are not secret: made if they are missing, and changed line by line.
enum ProjectFiles {
    /// The text of a file; nil where there is none.
    static func read(_ path: String) throws(KStackError) -> String? {
        do throws(FileError) {
            let content = try OpenFile.open(path: path).readAll(limit: 16 << 20)
            guard let text = try? UTF8Span(validating: content.span) else {
                throw FileError(.wrongKind, path: path)
            }
            return String(copying: text)
        } catch {
            if error.kind == .notFound { return nil }
            throw KStackError.file(error)
        }
    }

    /// Writes a file atomically.
    static func write(_ text: String, _ path: String, mode: UInt32 = 0o644) throws(KStackError) {
        try write(text.utf8.span, path, mode: mode)
    }

    /// As above, with the output of another program.
    static func write(copying content: borrowing SecretBytes, _ path: String) throws(KStackError) {
        try write(content.span, path, mode: 0o600)
    }

    /// As above, with bytes.
    static func write(_ bytes: Span<UInt8>, _ path: String, mode: UInt32) throws(KStackError) {
        let (folder, name) = split(path)
        try mapError(KStackError.file) { () throws(FileError) in
            var file = try TemporaryFile.make(in: Directory.open(path: folder))
            try file.write(bytes)
            try file.setMode(mode)
            try file.synchronize()
            try file.replace(name)
        }
    }

    /// Makes folders, one below the other.
    ///
    /// - Returns: whether the last one is new.
    static func makeFolder(_ path: String) throws(KStackError) -> Bool {
        if try exists(path) { return false }
        let (parent, name) = split(path)
        if parent != "/", parent != "." { _ = try makeFolder(parent) }
        try mapError(KStackError.file, Directory.open(path: parent).make(name))
        return true
    }

    /// Whether something is at a path.
    static func exists(_ path: String) throws(KStackError) -> Bool {
        try mapError(KStackError.file, Paths.linkStatus(of: path) != nil)
    }

    /// Runs `body` under a lock on a folder, which only callers of this function respect.
    ///
    /// - Parameter folder: must exist.
    static func whileLocked<Result>(
        _ folder: String,
        _ body: () throws(KStackError) -> Result
    ) throws(KStackError) -> Result {
        let lock = try mapError(KStackError.file, Directory.open(path: folder).lock())
        defer { withExtendedLifetime(lock) {} }
        return try body()
    }

    /// Adds the lines that a file lacks.
    ///
    /// - Returns: those that were added.
    static func add(_ lines: [String], to path: String) throws(KStackError) -> [String] {
        let text = try read(path) ?? ""
        let present = Set(text.split(whereSeparator: \.isNewline).map(String.init))
        let missing = lines.filter { !present.contains($0) }
        guard !missing.isEmpty else { return [] }
        let end = lineEnd(of: text)
        try write(withLineEnd(text) + missing.map { $0 + end }.joined(), path)
        return missing
    }

    /// The line end of a file: that of its first line.
    static func lineEnd(of text: String) -> String {
        // CR LF is one character in Swift.
        text.first(where: \.isNewline) == "\r\n" ? "\r\n" : "\n"
    }

    /// The content with a line end after its last line; it may have no lines.
    static func withLineEnd(_ text: String) -> String {
        text.isEmpty || text.utf8.last == UInt8(ascii: "\n") ? text : text + lineEnd(of: text)
    }

    private static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        let folder = String(path[..<slash])
        return (folder.isEmpty ? "/" : folder, String(path[path.index(after: slash)...]))
    }
}
