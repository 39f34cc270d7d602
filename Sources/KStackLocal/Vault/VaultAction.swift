import KStackAny
import Sodium
import System

/// What a run over a vault does with each file.
protocol VaultAction: Sendable {
    /// The plaintext names of the files of a layer that it is for, where the caller chose none.
    func names(in listing: LayerListing) throws(SodiumError) -> FallibleArray<String>

    /// Whether plaintexts that are not encrypted because of their names are reported.
    var looksForPlaintext: Bool { get }

    /// Whether it changes files; else the run takes no lock, and leaves what a killed run left behind as it is.
    var changesFiles: Bool { get }

    /// Handles one file; called from several threads, each with a file of its own.
    ///
    /// - Parameters:
    ///   - record: what is known of its plaintext.
    ///   - key: that of all fingerprints.
    func apply(
        to file: borrowing VaultFile,
        record: VaultState.Record?,
        key: Fingerprint.Key
    ) throws(KStackError) -> VaultOutcome
}

/// The result for a file, and what is known of it from now on.
struct VaultOutcome: Sendable {
    /// The result for it.
    let result: VaultReport.Result

    /// The new record of its plaintext; nil to forget it.
    let record: VaultState.Record?

    /// The plaintext that is to be removed when its encrypted form is on the disk; nil to keep it.
    var obsolete: Obsolete?

    /// A note about the file.
    var note = ""

    /// Whether the file is worth a line in a report on all files.
    var isNoteworthy = true

    /// Whether an identity of the user opens the encrypted form.
    var isReadable = false

    /// Whether it is written for the recipients that its team has now.
    var isCurrent = false

    /// Whether only post-quantum recipients can read it.
    var isPostQuantum = false

    /// A plaintext that is to be removed, unless one of the two forms changes before.
    struct Obsolete: Sendable {
        /// The plaintext as it was read.
        let plaintext: FileVersion

        /// The encrypted form that holds it.
        let kept: FileVersion
    }
}

extension VaultAction {
    var changesFiles: Bool { true }
}
