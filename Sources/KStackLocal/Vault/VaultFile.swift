import Age
import KStackAny
import Sodium
import System

/// One file of the vault, in the folder of its layer, with its two forms.
struct VaultFile: ~Copyable {
    /// The vault that it belongs to.
    let vault: Vault

    /// The folder of its layer.
    let folder: LayerFolder

    /// The name of the plaintext.
    let name: String

    /// The name of the encrypted form.
    var encryptedName: String { VaultNaming.encryptedName(of: name) }

    /// Opens the plaintext; nil where there is none.
    func openPlaintext() throws(KStackError) -> OpenFile? {
        try vault.open(name, in: folder.directory)
    }

    /// Opens the encrypted form; nil where there is none.
    func openEncrypted() throws(KStackError) -> OpenFile? {
        try vault.open(encryptedName, in: folder.directory)
    }

    /// Opens the encrypted form, which must exist.
    func encrypted() throws(KStackError) -> OpenFile {
        let file = try openEncrypted()
        guard let found = file else {
            throw KStackError(.serviceNotFound, "no \(encryptedName) in \(folder.directory.path)")
        }
        return found
    }

    /// The error for a file that exists in neither form.
    func missing() -> KStackError {
        KStackError(
            .serviceNotFound,
            "neither \(name) nor \(encryptedName) is in \(folder.directory.path)"
        )
    }

    /// The version of the encrypted form; nil where there is none.
    func versionOfEncrypted() throws(KStackError) -> FileVersion? {
        let file = try openEncrypted()
        guard let file else { return nil }
        return file.status.version
    }

    /// Whether the plaintext is there.
    func hasPlaintext() throws(KStackError) -> Bool {
        try openPlaintext() != nil
    }

    /// Makes a new file next to the two forms.
    func makeTemporary() throws(KStackError) -> TemporaryFile {
        try mapError(KStackError.file, TemporaryFile.make(in: folder.directory))
    }

    /// Gives a new file its name once it is on the disk.
    ///
    /// - Parameter version: what it may replace; nil where nothing may have the name.
    /// - Throws: `conflict` where something else has the name by now; `io`.
    func place(_ written: inout TemporaryFile, as target: String, replacing version: FileVersion?) throws(KStackError) {
        do throws(FileError) {
            try written.synchronize()
            try written.place(as: target, replacing: version)
        } catch {
            guard error.kind == .exists else { throw KStackError.file(error) }
            throw KStackError(.conflict, "\(error.path) was changed meanwhile, and was left unchanged; try again")
        }
    }

    /// Waits until the encrypted form is on the disk, whoever wrote it; then the plaintext may be removed.
    func settleEncrypted() throws(KStackError) {
        let file = try encrypted()
        try mapError(KStackError.file, file.synchronize())
    }

    /// Waits until new names in the folder are on the disk.
    func synchronizeFolder() throws(KStackError) {
        try mapError(KStackError.file, folder.directory.synchronize())
    }

    /// The fingerprint of a file, read to its end.
    static func fingerprint(
        of file: consuming OpenFile,
        _ key: Fingerprint.Key
    ) throws(KStackError) -> Fingerprint.Digest {
        let path = file.path
        var fingerprint = try mapError(KStackError.memory, Fingerprint(key: key))
        var buffer = try mapError(KStackError.memory, SecretBytes(count: 65536))
        while true {
            let count: Int
            do throws(FileError) {
                try FileError.checkScope(path: path)
                count = try file.read(into: &buffer, count: buffer.count)
            } catch {
                throw .file(error)
            }
            if count == 0 { break }
            fingerprint.update(buffer.span.extracting(first: count))
        }
        return fingerprint.finish()
    }

    /// The fingerprints of the encrypted form and of what it holds.
    func decryptedRecord(_ key: Fingerprint.Key) throws(KStackError) -> VaultState.Record {
        try Self.decryptedRecord(of: encrypted(), vault: vault, key)
    }

    /// The fingerprints of an encrypted file and of what it holds.
    static func decryptedRecord(
        of file: consuming OpenFile,
        vault: Vault,
        _ key: Fingerprint.Key
    ) throws(KStackError) -> VaultState.Record {
        let path = file.path
        let identities = try vault.identities.identities()
        let failure: AgeError
        do throws(AgeError) {
            var source = try FileSource(file, fingerprinting: key)
            var sink = try FingerprintingSink(key)
            try Age.decrypt(from: &source, to: &sink, with: .identities(identities))
            return VaultState.Record(ciphertext: try source.fingerprint(), plaintext: sink.finish())
        } catch {
            failure = error
        }
        throw try vault.explain(failure, path: path)
    }
}

/// The folder of a layer, shared by the threads that work in it.
final class LayerFolder: Sendable {
    /// The folder itself.
    let directory: Directory

    /// Takes ownership of a folder.
    init(_ directory: consuming Directory) {
        self.directory = directory
    }
}
