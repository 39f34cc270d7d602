import KStackAny
import Sodium
import System

/// What the library wrote to a vault: for each plaintext the hash of the ciphertext that it came from, and its own.
///
/// With it an edit is told from a plaintext that is merely older than its ciphertext. Nothing is lost without it: then
/// the two forms are compared. It is never believed where it is malformed.
struct VaultState: Equatable, Sendable {
    /// The name of the file, in the environment's folder; mode 0600 and ignored by git.
    static let fileName = ".kstack-state"

    private static let firstLine = "kstack-state 2"
    private static let limit = 64 << 20

    /// What is known of one plaintext.
    struct Record: Equatable, Sendable {
        /// The hash of the ciphertext that it came from, or was made into.
        let ciphertext: BLAKE2b.Digest

        /// Its own hash.
        let plaintext: BLAKE2b.Digest
    }

    /// What is known, by the bytes of the plaintext's path: to the file system two spellings of an accent are two names.
    private var records: [[UInt8]: Record] = [:]

    /// Sets or removes what is known of a plaintext.
    subscript(path: String) -> Record? {
        get { records[Array(path.utf8)] }
        set { records[Array(path.utf8)] = newValue }
    }

    /// The paths of which something is known.
    var paths: [String] { records.keys.map { String(decoding: $0, as: UTF8.self) } }

    /// Nothing is known.
    init() {}

    /// Reads the text of a file: a first line, then a line a plaintext with two hashes and the path.
    ///
    /// - Returns: nil for anything else.
    init?(parsing text: Span<UInt8>) {
        guard let checked = try? UTF8Span(validating: text) else { return nil }
        let text = String(copying: checked)
        var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.count >= 2, lines.removeLast().isEmpty, String(lines.removeFirst()) == Self.firstLine else {
            return nil
        }
        for line in lines {
            let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, let ciphertext = String(parts[0]).flatMap(BLAKE2b.Digest.init(hex:)),
                let plaintext = String(parts[1]).flatMap(BLAKE2b.Digest.init(hex:)), let path = String(parts[2]),
                VaultPath.isValid(path), self[path] == nil
            else { return nil }
            self[path] = Record(ciphertext: ciphertext, plaintext: plaintext)
        }
    }

    /// The text of the file, sorted by path.
    var text: String {
        let lines = records.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { path, record in
            "\(record.ciphertext.hex) \(record.plaintext.hex) \(String(decoding: path, as: UTF8.self))\n"
        }
        return "\(Self.firstLine)\n\(lines.joined())"
    }

    /// Opens the file of a vault; nil where it is not there, and where this user may not read it.
    private static func open(in vault: Vault) throws(KStackError) -> OpenFile? {
        do throws(FileError) {
            return try vault.folder.file(fileName)
        } catch {
            if error.kind == .notFound { return nil }
            guard error.isDenied else { throw KStackError.file(error) }
            // As after a run of root: it is lost, and made anew.
            vault.log(.warning, "\(error.description); plaintexts are compared with their files, and it is made anew")
            return nil
        }
    }

    /// Reads the file of a vault; nothing is known where it is absent or malformed.
    ///
    /// - Throws: `configuration` where it is a link or not to be trusted; `io`.
    static func load(from vault: Vault) throws(KStackError) -> VaultState {
        guard let file = try open(in: vault) else { return VaultState() }
        try vault.trust.check(file.status, path: file.path)
        guard file.status.mode & 0o077 == 0 else {
            // As git makes it: what somebody else had decrypted says nothing of the plaintexts here.
            vault.log(
                .warning,
                "\(file.path) is not of mode 0600, as it is written here, and is made anew; never commit it"
            )
            return VaultState()
        }
        let content = try mapError(KStackError.file, file.readAll(limit: limit))
        if let state = VaultState(parsing: content.span) { return state }
        vault.log(.warning, "\(file.path) is malformed and is made anew; plaintexts are compared with their files")
        return VaultState()
    }

    /// Replaces the file of a vault.
    func save(to vault: Vault) throws(KStackError) {
        try mapError(KStackError.file) { () throws(FileError) in
            var file = try TemporaryFile.make(in: vault.folder)
            try file.write(text.utf8.span)
            try file.synchronize()
            try file.replace(Self.fileName)
            try vault.folder.synchronize()
        }
    }
}
