import KStackAny
import Sodium
import System

/// The record of what was written to a vault: for each plaintext its fingerprint, and that of its ciphertext.
///
/// It distinguishes an edited plaintext from one that is merely older than its ciphertext. Nothing is lost without it:
/// then the two forms are compared. A malformed one is ignored.
struct VaultState: Sendable {
    /// The name of the file, in the environment's folder; mode 0600 and ignored by git.
    static let fileName = ".kstack-state"

    private static let firstLine = "kstack-state 3 "
    private static let limit = 64 << 20

    /// What is known of one plaintext.
    struct Record: Equatable, Sendable {
        /// The fingerprint of the ciphertext that it came from, or was made into.
        let ciphertext: Fingerprint.Digest

        /// Its own fingerprint.
        let plaintext: Fingerprint.Digest
    }

    /// A plaintext and its record; nil where that was forgotten.
    private struct Entry {
        let path: String
        let record: Record?
    }

    /// The key of all fingerprints in it.
    let key: Fingerprint.Key

    /// Each path once, by bytes: to the file system two spellings of an accent are two names.
    private var entries = FallibleArray<Entry>()

    /// The position of each path in `entries`.
    private var positions = FallibleIndex()

    /// What is known of a plaintext.
    subscript(path: String) -> Record? {
        get { position(of: path).flatMap { entries[$0].record } }
        set { try? set(newValue, for: path) }
    }

    /// Sets or removes what is known of a plaintext.
    private mutating func set(_ record: Record?, for path: String) throws(SodiumError) {
        if let position = position(of: path) {
            try entries.replace(at: position, with: Entry(path: path, record: record))
        } else if record != nil {
            try positions.insert(hash: path.utf8.span.hash, position: entries.count)
            try entries.append(Entry(path: path, record: record))
        }
    }

    /// Makes room for `count` more plaintexts, so that setting their records cannot fail.
    mutating func reserve(_ count: Int) throws(SodiumError) {
        try entries.reserve(count)
        try positions.reserve(count)
    }

    private func position(of path: String) -> Int? {
        positions.position(hash: path.utf8.span.hash) { entries[$0].path.utf8.elementsEqual(path.utf8) }
    }

    /// The paths that have a record.
    var paths: some Sequence<String> { entries.lazy.filter { $0.record != nil }.map(\.path) }

    /// Whether both have the same records.
    func isSame(as other: VaultState) -> Bool {
        let known = entries.lazy.filter { $0.record != nil }
        return known.allSatisfy { other[$0.path] == $0.record }
            && other.entries.allSatisfy { $0.record == self[$0.path] }
    }

    /// An empty state with a new key.
    init() throws(SodiumError) {
        key = try .random()
    }

    private init(key: Fingerprint.Key) {
        self.key = key
    }

    /// Reads a state file: a first line with the key, then one line per plaintext with two fingerprints and the path.
    ///
    /// - Returns: nil for anything else.
    static func parse(_ text: Span<UInt8>) throws(SodiumError) -> VaultState? {
        var state: VaultState?
        var start = 0
        while start < text.count {
            var end = start
            while end < text.count, text[end] != UInt8(ascii: "\n") { end += 1 }
            // Longer than the longest path with its fingerprints.
            guard end < text.count, end - start <= 512,
                let line = try? UTF8Span(validating: text.extracting(start..<end))
            else { return nil }
            start = end + 1
            let words = String(copying: line).utf8
                .split(separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: false)
            guard words.count == 3, let first = String(words[0]), let second = String(words[1]),
                let third = String(words[2])
            else { return nil }
            guard state != nil else {
                guard "\(first) \(second) " == firstLine, let key = Fingerprint.Key(hex: third) else { return nil }
                state = VaultState(key: key)
                continue
            }
            guard let ciphertext = Fingerprint.Digest(hex: first), let plaintext = Fingerprint.Digest(hex: second),
                VaultFilePath.isValid(third), state?[third] == nil
            else { return nil }
            try state?.set(Record(ciphertext: ciphertext, plaintext: plaintext), for: third)
        }
        return state
    }

    /// The text of the file, sorted by path.
    func text() throws(SodiumError) -> FallibleArray<UInt8> {
        var sorted = entries
        try sorted.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        var text = try FallibleArray("\(Self.firstLine)\(key.hex)\n".utf8)
        for entry in sorted {
            guard let record = entry.record else { continue }
            try text.append(contentsOf: "\(record.ciphertext.hex) \(record.plaintext.hex) \(entry.path)\n".utf8)
        }
        return text
    }

    /// Opens the state file of a vault; nil where it does not exist, and where this user may not read it.
    private static func open(in vault: Vault) throws(KStackError) -> OpenFile? {
        do throws(FileError) {
            return try vault.folder.file(fileName)
        } catch {
            if error.kind == .notFound { return nil }
            guard error.isDenied else { throw KStackError.file(error) }
            // As after a run by root: it is lost, and written again.
            vault.log(.warning, "\(error.description); it is replaced, and plaintexts are compared with their files")
            return nil
        }
    }

    /// Reads the state file of a vault; an absent or malformed one is empty.
    ///
    /// - Throws: `configuration` where it is a link or not trusted; `io`.
    static func load(from vault: Vault) throws(KStackError) -> VaultState {
        guard let file = try open(in: vault) else { return try nothing() }
        try vault.trust.check(file.status, path: file.path)
        guard file.status.mode & 0o077 == 0 else {
            // As git writes it: what somebody else decrypted says nothing about the plaintexts here.
            vault.log(
                .warning,
                "\(file.path) does not have mode 0600 and is written again; never commit it"
            )
            return try nothing()
        }
        let content = try mapError(KStackError.file, file.readAll(limit: limit))
        if let state = try parse(content) { return state }
        vault.log(.warning, "\(file.path) is malformed and is written again; plaintexts are compared with their files")
        return try nothing()
    }

    private static func nothing() throws(KStackError) -> VaultState {
        try mapError(KStackError.memory, VaultState())
    }

    private static func parse(_ content: borrowing SecretBytes) throws(KStackError) -> VaultState? {
        try mapError(KStackError.memory, parse(content.span))
    }

    /// Replaces the state file of a vault.
    func save(to vault: Vault) throws(KStackError) {
        let text = try mapError(KStackError.memory, text())
        try mapError(KStackError.file) { () throws(FileError) in
            var file = try TemporaryFile.make(in: vault.folder)
            try file.write(text.span)
            try file.synchronize()
            try file.replace(Self.fileName)
            try vault.folder.synchronize()
        }
    }
}
