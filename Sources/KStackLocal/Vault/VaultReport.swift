public import KStackAny
public import Sodium
import System

/// The result of a run over a vault, for each file.
public struct VaultReport: Sendable {
    /// The result for one file.
    public enum Result: Sendable {
        case unchanged
        case written
        case conflict
        case failed

        /// Written for other recipients than its team has now.
        case stale

        /// Only the encrypted form exists.
        case encrypted

        /// Both forms exist, and the plaintext was not edited.
        case decrypted

        /// The plaintext was edited since it was decrypted.
        case edited

        /// Only the plaintext exists.
        case inClear
    }

    /// The result for one file, and the reason.
    public struct Entry: Sendable {
        /// The path of the plaintext, relative to the vault.
        public let path: String

        /// The result for it.
        public let result: Result

        /// The reason for a conflict or a failure.
        public let error: KStackError?

        /// A note about it.
        public let note: String

        /// Whether an identity of the user opens the encrypted form; only `status` checks.
        public let isReadable: Bool

        /// Whether it is written for the recipients that its team has now; only `status` and `rekey` check.
        public let isCurrent: Bool

        /// Whether only post-quantum recipients can read it; only `status` checks.
        public let isPostQuantum: Bool

        /// The error or the note, in one line; may be empty.
        public var message: String { error?.message ?? note }
    }

    /// The files, in the order in which they were done.
    public private(set) var entries = FallibleArray<Entry>()

    /// Why there are fewer entries than files.
    private var loss: KStackError?

    /// Makes room for the results of files that are not done yet.
    mutating func reserve(_ count: Int) throws(SodiumError) {
        try entries.reserve(count)
    }

    private mutating func add(_ entry: Entry) {
        do throws(SodiumError) {
            try entries.append(entry)
        } catch {
            loss = .memory(error)
        }
    }

    /// Adds the result for a file.
    mutating func add(_ path: String, _ result: Result, _ error: KStackError? = nil, note: String = "") {
        add(
            Entry(
                path: path,
                result: result,
                error: error,
                note: note,
                isReadable: false,
                isCurrent: false,
                isPostQuantum: false
            )
        )
    }

    /// Adds the result for a file that a run has done.
    mutating func add(_ path: String, _ outcome: VaultOutcome) {
        add(
            Entry(
                path: path,
                result: outcome.result,
                error: nil,
                note: outcome.note,
                isReadable: outcome.isReadable,
                isCurrent: outcome.isCurrent,
                isPostQuantum: outcome.isPostQuantum
            )
        )
    }

    /// Adds a hidden file in the folder of a layer, which may be a plaintext.
    mutating func addHidden(_ name: String, _ layer: Layer) {
        add(
            "\(layer.name)/\(KStackError.printable(name))",
            .unchanged,
            note: "hidden files are no part of a vault: it stays in clear; rename it if it holds secrets"
        )
    }

    /// Adds a plaintext that is not encrypted because of its name.
    mutating func addInvalid(_ name: String, _ layer: Layer) {
        let error = KStackError(
            .configuration,
            "\(layer.name)/\(KStackError.quoted(name)) stays in clear: its name is invalid in a vault, so rename it (1 to "
                + "\(FileName.longest) bytes of UTF-8 without '\\', '..' and control characters)"
        )
        add("\(layer.name)/\(KStackError.printable(name))", .failed, error)
    }

    /// Adds a version of a file that a killed run had set aside and that cannot be restored automatically.
    ///
    /// - Returns: the plaintext name of the file.
    mutating func add(_ leftover: Leftover, _ layer: Layer, in vault: String) -> String {
        let name = VaultNaming.plaintextName(of: leftover.target) ?? leftover.target
        let folder = "\(vault)/\(layer.name)"
        let error = KStackError(
            .conflict,
            "\(folder)/\(leftover.name) is a version of \(leftover.target) that was set aside by a run that was killed, and "
                + "\(folder)/\(leftover.target) is newer: compare the two, keep what you need in \(leftover.target), and "
                + "remove \(leftover.name)"
        )
        add("\(layer.name)/\(name)", .conflict, error)
        return name
    }

    /// The error of the whole run: that it was stopped, else that of the first file that failed; nil where none did.
    public var failure: KStackError? {
        if let loss { return loss }
        let failures = entries.lazy.compactMap(\.error)
        guard let first = failures.first(where: \.isStop) ?? failures.first else { return nil }
        let count = failures.reduce(0) { count, _ in count + 1 }
        let others = count > 1 ? "; \(count - 1) more of \(entries.count) files failed" : ""
        return KStackError(first.code, first.message + others, isRetryable: first.isRetryable, cause: first.cause)
    }
}
