import Age
import KStackAny
import Sodium
import System

/// A file of identities, in plaintext or encrypted with a passphrase.
struct IdentityFile {
    /// Where it is.
    let path: String

    /// The passphrase that the caller gave.
    let passphrase: Passphrase?

    /// Where the passphrase is looked for otherwise.
    let variables: Variables

    /// Reads the identities.
    ///
    /// - Throws: `vault` where the passphrase is missing or does not fit; `configuration` for a malformed file; `io`.
    func read(_ file: borrowing OpenFile) throws(KStackError) -> Identities {
        let content = try mapError(KStackError.file, file.readAll(limit: Age.keyFileLimit))
        return try identities(in: content)
    }

    /// Reads the identities from a pipe, which gives them once.
    func read(_ pipe: inout Pipe) throws(KStackError) -> Identities {
        let content = try mapError(KStackError.file, pipe.readAll(limit: Age.keyFileLimit))
        return try identities(in: content)
    }

    private func identities(in content: borrowing SecretBytes) throws(KStackError) -> Identities {
        guard Age.isAgeFile(start: content.span) else { return try parse(content.span) }
        let plaintext = try decrypt(content.span)
        return try parse(plaintext.span)
    }

    private func parse(_ text: Span<UInt8>) throws(KStackError) -> Identities {
        try mapError(KStackError.age(path), Identities.parse(file: text))
    }

    private func decrypt(_ content: Span<UInt8>) throws(KStackError) -> SecretBytes {
        let passphrase = try findPassphrase()
        do throws(AgeError) {
            var source = try SecretSource(copying: content)
            var sink = try SecretSink(limit: Age.keyFileLimit)
            try Age.decrypt(from: &source, to: &sink, with: .passphrase(passphrase))
            return sink.finish()
        } catch {
            guard case .noMatch(let types) = error else { throw KStackError(error, path: path) }
            guard types == ["scrypt"] else {
                throw KStackError(
                    .configuration,
                    "\(path) is encrypted for a recipient, not with a passphrase; encrypt it with: age -p"
                )
            }
            throw KStackError(.vault, "the passphrase does not open the identity file \(path)")
        }
    }

    private func findPassphrase() throws(KStackError) -> Passphrase {
        if let passphrase { return passphrase }
        let value = try mapError(KStackError.memory, variables.secret("KSTACK_AGE_PASSPHRASE"))
        guard let text = value else {
            throw KStackError(
                .vault,
                "the identity file \(path) is encrypted with a passphrase and none was given: set "
                    + "KSTACK_AGE_PASSPHRASE, or the option passphrase"
            )
        }
        return try mapError(KStackError.age("KSTACK_AGE_PASSPHRASE"), Passphrase(text.span))
    }
}
