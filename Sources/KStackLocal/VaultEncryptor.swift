import Age
import Files
import KStackAny
import Sodium

/// Makes the encrypted form of a file for a team, reads it back, and puts it in place.
struct VaultEncryptor: Sendable {
    /// The vault.
    let vault: Vault

    /// Who can read the file.
    let recipients: Recipients

    /// Encrypts what a source holds.
    ///
    /// - Parameters:
    ///   - hash: the hash that the content must have; nil where the source cannot change meanwhile.
    ///   - replaced: the encrypted form that it may replace; nil where there must be none.
    /// - Returns: the hashes of what was written.
    /// - Throws: `configuration` for a file of another team; `vault` where none of the user's identities could read the
    ///   result; `conflict` where the plaintext or the encrypted form changed meanwhile. Nothing is in place then.
    func encrypt<Source: ByteSource & ~Copyable>(
        _ source: consuming Source,
        _ file: borrowing VaultFile,
        holding hash: SHA256.Digest?,
        replacing replaced: FileVersion?
    ) throws(KStackError) -> VaultFile.Hashes {
        try checkTeam(of: file)
        // Without an identity nothing could be read back, and this error says where one was looked for.
        _ = try vault.identities.identities()
        let temporary = try file.makeTemporary()
        var written: WrittenFile
        do throws(AgeError) {
            var sink = try FileSink(temporary)
            try Age.encrypt(from: &source, to: &sink, for: recipients.keys, extraStanzas: [recipients.stanza])
            written = try sink.finish()
        } catch {
            throw KStackError(error, path: file.folder.directory.path(of: file.encryptedName))
        }
        let held = try readBack(written, of: file)
        guard held.ciphertext == written.digest else {
            throw KStackError(.io, "\(file.encryptedName) was not read back as it was written; check the disk")
        }
        if let hash, held.plaintext != hash {
            throw KStackError(
                .conflict,
                "\(file.folder.directory.path(of: file.name)) was changed while it was encrypted, and was left; encrypt "
                    + "again"
            )
        }
        try file.place(&written, as: file.encryptedName, replacing: replaced)
        return held
    }

    /// Refuses a file that says it was written for another team: recipients change only by rekeying.
    private func checkTeam(of file: borrowing VaultFile) throws(KStackError) {
        guard let encrypted = try file.openEncrypted() else { return }
        let path = encrypted.path
        let stanzas: [Stanza]
        do throws(AgeError) {
            var source = FileSource(plain: encrypted)
            stanzas = try Age.stanzas(of: &source)
        } catch {
            switch error {
            case .source, .memory:
                throw KStackError(error, path: path)
            default:
                // Damaged, and so nobody's: whether it may be replaced was decided before.
                return
            }
        }
        guard let team = Recipients.team(in: stanzas), team != recipients.team.text else { return }
        throw KStackError(
            .configuration,
            "\(path) was written for team \(KStackError.quoted(team)), not for '\(recipients.team.text)'; name that team, "
                + "or decrypt the file, remove \(file.encryptedName), and encrypt it for the other"
        )
    }

    /// Decrypts what was written with the user's own identities.
    private func readBack(
        _ written: borrowing WrittenFile,
        of file: borrowing VaultFile
    ) throws(KStackError) -> VaultFile.Hashes {
        let reopened: OpenFile
        do throws(FileError) {
            reopened = try written.file.reopen()
        } catch {
            throw KStackError(error)
        }
        do throws(KStackError) {
            return try VaultFile.decryptedHashes(of: reopened, vault: vault)
        } catch {
            guard error.code == .vault else { throw error }
            throw KStackError(
                .vault,
                "you could not read \(file.folder.directory.path(of: file.encryptedName)): no identity of yours is among "
                    + "the recipients of team '\(recipients.team.text)'; add your public key to its recipients file. "
                    + "Nothing was written"
            )
        }
    }
}
