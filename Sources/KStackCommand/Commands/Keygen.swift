import Age
import ArgumentParser
import KStack
import KStackAny
import KStackLocal
import Sodium
import System

/// `kstack keygen`.
struct Keygen: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make an age identity, as age-keygen does.",
        discussion:
            "Examples:\n  kstack keygen -o keys.txt\n  kstack keygen --pq -o keys.txt\n  kstack keygen --passphrase -o keys.txt"
    )

    @Option(name: [.short, .long], help: "The file, which must not exist; default: standard output.")
    var output: String?

    @Flag(help: "Encrypt the file with a passphrase, which is asked for.")
    var passphrase = false

    @Flag(name: .customLong("pq"), help: "Make a post-quantum identity (AGE-SECRET-KEY-PQ-1…, recipient age1pq1…).")
    var isPostQuantum = false

    func run() throws {
        try ProcessContext.signs.require(.local, for: "kstack keygen")
        guard let output else {
            let made = try NewIdentity(isPostQuantum: isPostQuantum, encrypting: passphrase)
            Output.tell("Public key: \(made.recipient)")
            return try made.print(isSecret: !passphrase)
        }
        Output.tell("Public key: \(try Self.write(to: output, isPostQuantum: isPostQuantum, encrypting: passphrase))")
    }

    /// Writes a new identity to a file of mode 0600.
    ///
    /// - Returns: its public key.
    static func write(
        to path: String,
        isPostQuantum: Bool = false,
        encrypting: Bool = false
    ) throws(KStackError) -> String {
        if try ProjectFiles.exists(path) {
            throw KStackError(
                .conflict,
                "\(path) already exists; it may be somebody's only key, so name another file"
            )
        }
        let made = try NewIdentity(isPostQuantum: isPostQuantum, encrypting: encrypting)
        try made.write(to: path)
        return made.recipient
    }
}

/// A new identity and the content of its file.
private final class NewIdentity {
    let recipient: String
    private let text: SecretBytes

    init(isPostQuantum: Bool, encrypting: Bool) throws(KStackError) {
        let made = try mapError(KStackError.generating, Identities.generate(isPostQuantum: isPostQuantum))
        let recipient = made.recipient.bech32
        let clear = try Self.text(made.takeIdentity(), recipient)
        text = encrypting ? try Self.encrypt(clear) : clear
        self.recipient = recipient
    }

    func print(isSecret: Bool) throws(KStackError) {
        try Self.print(text, force: isSecret)
    }

    func write(to path: String) throws(KStackError) {
        try Self.write(text, to: path)
    }

    private static func print(_ text: borrowing SecretBytes, force: Bool) throws(KStackError) {
        try Output.write(text.span, force: force)
    }

    private static func write(_ text: borrowing SecretBytes, to path: String) throws(KStackError) {
        try ProjectFiles.write(text.span, path, mode: 0o600)
    }

    private static func text(_ identity: borrowing SecretBytes, _ recipient: String) throws(KStackError) -> SecretBytes
    {
        var text = try mapError(KStackError.memory, SecretBytes(minimumCapacity: recipient.utf8.count + 256))
        try Values.append("# public key: \(recipient)\n", to: &text)
        try Values.append(identity.span, to: &text)
        try Values.append("\n", to: &text)
        return text
    }

    private static func encrypt(_ text: borrowing SecretBytes) throws(KStackError) -> SecretBytes {
        let first = try mapError(KStackError.file, StandardStream.readHidden(prompt: "Passphrase: "))
        let second = try mapError(KStackError.file, StandardStream.readHidden(prompt: "Again: "))
        guard first.count > 0, first.constantTimeEquals(second.span) else {
            throw KStackError(.invalidArgument, "the passphrases differ, or are empty; nothing was written")
        }
        do throws(AgeError) {
            var source = try SecretSource(copying: text.span)
            var sink = try SecretSink(limit: 1 << 20)
            try Age.encrypt(from: &source, to: &sink, passphrase: Passphrase(first.span))
            return sink.finish()
        } catch {
            throw KStackError(.internal, "the identity could not be encrypted: \(error)")
        }
    }
}
