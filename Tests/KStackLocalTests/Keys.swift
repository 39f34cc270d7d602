import Age
import ByteArrays
import Sodium
import TestSupport

/// An identity and its public half.
struct Key {
    /// The secret half, "AGE-SECRET-KEY-1…".
    let secret: String

    /// The public half.
    let recipient: Recipient

    init() throws {
        let made = try Identities.generate()
        recipient = made.recipient
        secret = text(made.identity)
    }

    /// A file for this key.
    func encrypt(_ plaintext: String) throws -> [UInt8] {
        try KStackLocalTests.encrypt(Array(plaintext.utf8), for: [recipient])
    }
}

/// An age file for recipients.
func encrypt(_ plaintext: [UInt8], for recipients: [Recipient]) throws -> [UInt8] {
    var source = ByteArraySource(plaintext)
    var sink = ByteArraySink()
    try Age.encrypt(from: &source, to: &sink, for: recipients)
    return sink.bytes
}

/// An age file for a passphrase, quick to open.
func encrypt(_ plaintext: String, passphrase: String) throws -> [UInt8] {
    var source = ByteArraySource(Array(plaintext.utf8))
    var sink = ByteArraySink()
    try Age.encrypt(from: &source, to: &sink, passphrase: Passphrase(Array(passphrase.utf8).span), logN: 2)
    return sink.bytes
}

extension Sandbox {
    /// Makes a key, and sets the variables for it.
    func useKey() throws -> Key {
        let key = try Key()
        set("KSTACK_AGE_KEY", key.secret)
        return key
    }

    /// Puts an encrypted file into the vault of an environment, by its plaintext path.
    func secret(_ path: String, _ plaintext: String, for key: Key, environment: String = "dev") throws {
        let parts = path.split(separator: "/").map(String.init)
        let name = parts.dropLast().joined(separator: "/") + "/secret." + (parts.last ?? "")
        try file("vault/\(environment)/\(name)", key.encrypt(plaintext))
    }
}
