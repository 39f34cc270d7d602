import Age
import KStackAny
import Sodium
import System

/// Makes the encrypted form of a file for a team, reads it back, and puts it in place.
struct VaultEncryptor: Sendable {
    let vault: Vault

    /// The recipients of the file.
    let recipients: Recipients

    /// Encrypts a source.
    ///
    /// Each chunk is read back and its tag is checked while the next ones are written; then the user's own identities
    /// must open the header and the first chunk.
    ///
    /// - Parameters:
    ///   - sourceName: the name of the file that the source reads.
    ///   - replaced: the encrypted form that it may replace; nil if none may exist.
    ///   - isUnchanged: whether the file that the source reads is still what was read of it.
    /// - Throws: `configuration` for a file of another team; `vault` where none of the user's identities could read the
    ///   result; `conflict` where the plaintext or the encrypted form changed meanwhile. Nothing is in place then.
    func encrypt<Source: ByteSource & ~Copyable>(
        _ source: inout Source,
        named sourceName: String,
        _ file: borrowing VaultFile,
        replacing replaced: FileVersion?,
        isUnchanged: (inout Source) throws(KStackError) -> Bool = { _ in true }
    ) throws(KStackError) {
        try checkTeam(of: file)
        // Without an identity nothing could be read back; this error lists where one was looked for.
        _ = try vault.identities.identities()
        let temporary = try file.makeTemporary()
        var sink = FileSink(plain: temporary)
        do throws(AgeError) {
            try Age.encrypt(from: &source, to: &sink, for: recipients.keys, extraStanzas: [recipients.stanza])
        } catch {
            throw explain(error, sourceName, file)
        }
        var written = sink.finish()
        try keepMode(of: replaced, for: written, file)
        try checkOpens(written, file)
        guard try isUnchanged(&source) else {
            throw KStackError(
                .conflict,
                "\(file.folder.directory.path(of: sourceName)) was changed while it was encrypted, and was left; encrypt "
                    + "again"
            )
        }
        try file.place(&written, as: file.encryptedName, replacing: replaced)
    }

    /// The error for a failed source or sink, with its path.
    private func explain(_ error: AgeError, _ sourceName: String, _ file: borrowing VaultFile) -> KStackError {
        if case .source = error { return KStackError(error, path: file.folder.directory.path(of: sourceName)) }
        return KStackError(error, path: file.folder.directory.path(of: file.encryptedName))
    }

    /// Refuses a file that names another team: recipients change only by rekeying.
    private func checkTeam(of file: borrowing VaultFile) throws(KStackError) {
        guard let encrypted = try file.openEncrypted() else { return }
        try checkTeam(of: encrypted)
    }

    /// As above, for an open file.
    func checkTeam(of encrypted: consuming OpenFile) throws(KStackError) {
        let path = encrypted.path
        let stanzas: [Stanza]
        do throws(AgeError) {
            var source = FileSource(plain: encrypted)
            stanzas = try UnauthenticatedHeader(of: &source).stanzas
        } catch {
            switch error {
            case .source, .memory:
                throw KStackError(error, path: path)
            default:
                // Damaged, so it names no team; the caller has already decided whether it may be replaced.
                return
            }
        }
        guard let team = Recipients.team(in: stanzas), team != recipients.team.text else { return }
        throw KStackError(
            .configuration,
            "\(path) was written for team \(KStackError.quoted(team)), not for '\(recipients.team.text)'; name that team, "
                + "or decrypt the file, remove its encrypted form, and encrypt it for the other"
        )
    }

    /// Gives a new file the mode of the one that it replaces, since encrypted files may be readable by anybody.
    private func keepMode(
        of replaced: FileVersion?,
        for written: borrowing TemporaryFile,
        _ file: borrowing VaultFile
    ) throws(KStackError) {
        guard replaced != nil else { return }
        try mapError(KStackError.file) { () throws(FileError) in
            guard let status = try file.folder.directory.status(of: file.encryptedName) else { return }
            try written.setMode(status.mode & 0o777)
        }
    }

    /// Checks that the user's own identities open the written file: its header, and its first chunk, whose key is that of
    /// all others.
    private func checkOpens(
        _ written: borrowing TemporaryFile,
        _ file: borrowing VaultFile
    ) throws(KStackError) {
        let reopened = try mapError(KStackError.file, written.reopen())
        let path = file.folder.directory.path(of: file.encryptedName)
        let identities = try vault.identities.identities()
        do throws(AgeError) {
            _ = try DecryptingSource(FileSource(plain: reopened), with: .identities(identities))
        } catch .noMatch {
            throw KStackError(
                .vault,
                "you could not read \(path): no identity of yours is among the recipients of team "
                    + "'\(recipients.team.text)'; add your public key to its recipients file. Nothing was written"
            )
        } catch .armor, .header, .headerAuthentication, .payload {
            throw KStackError(.notReadBack, path: path)
        } catch {
            throw KStackError(error, path: path)
        }
    }
}
