import Sodium
import XWing

/// Encrypts and decrypts files in the format age-encryption.org/v1 (C2SP `age.md`).
///
/// X25519, mlkem768x25519 and scrypt stanzas are read and written, others are ignored. Binary and ASCII-armored files are read,
/// binary ones are written. Files of any size pass in constant memory.
public enum Age {
    /// How many stanzas a file may have, those of recipients and extra ones together.
    public static let stanzaLimit = Header.stanzaLimit

    /// How long a file of identities or recipients may be in bytes.
    public static let keyFileLimit = KeyLines.sizeLimit

    /// How many post-quantum recipients fit into a header of the greatest length, which leaves room for extra stanzas.
    public static let hybridLimit = 640

    /// Decrypts a file; the sink gets only what is authenticated, but gets it before later chunks are.
    ///
    /// - Returns: the key that decrypts the same file again.
    /// - Throws: `header`, `armor`, `noMatch`, `headerAuthentication`, `payload`, `memory`; what source and sink throw.
    @discardableResult
    public static func decrypt<Source: ByteSource & ~Copyable, Sink: ByteSink & ~Copyable>(
        from source: inout Source,
        to sink: inout Sink,
        with key: DecryptionKey
    ) throws(AgeError) -> PayloadKey {
        var input = Input()
        let fileKey = try open(&input, from: &source, with: key)
        var reader = try PayloadReader(&input, from: &source, with: fileKey)
        try reader.write(&input, from: &source, to: &sink)
        return reader.key
    }

    /// Decrypts a file again; its header is not read, since the payload's key authenticates all that is decrypted.
    ///
    /// - Throws: `payload`, also where it is another file by now; `armor`, `memory`; what source and sink throw.
    public static func decrypt<Source: ByteSource & ~Copyable, Sink: ByteSink & ~Copyable>(
        from source: inout Source,
        to sink: inout Sink,
        again key: PayloadKey
    ) throws(AgeError) {
        var input = Input()
        try input.fill(from: &source, atLeast: key.offset)
        guard input.count >= key.offset else { throw .payload(reason: "the file is truncated") }
        input.consume(key.offset)
        var reader = try PayloadReader(&input, from: &source, again: key)
        try reader.write(&input, from: &source, to: &sink)
    }

    /// Reads a header up to the payload.
    static func open<Source: ByteSource & ~Copyable>(
        _ input: inout Input,
        from source: inout Source,
        with key: DecryptionKey
    ) throws(AgeError) -> FileKey {
        let header = try Header(of: &input, from: &source)
        let fileKey = try header.fileKey(in: input, with: key)
        input.consume(header.count)
        return fileKey
    }

    /// Encrypts for recipients, at least one; the extra stanzas follow theirs, authenticated but not secret.
    ///
    /// - Throws: `header` for no or too many recipients, for both kinds of them or an invalid extra stanza;
    ///   `malformedKey` for a recipient of low order; `memory`; what source and sink throw.
    public static func encrypt<Source: ByteSource & ~Copyable, Sink: ByteSink & ~Copyable>(
        from source: inout Source,
        to sink: inout Sink,
        for recipients: [Recipient],
        extraStanzas: [Stanza] = []
    ) throws(AgeError) {
        guard !recipients.isEmpty else { throw .header(reason: "no recipient") }
        guard recipients.count <= Header.stanzaLimit else { throw .header(reason: "too many recipients") }
        guard !extraStanzas.contains(where: { $0.type == ScryptStanza.type }) else {
            throw .header(reason: "an scrypt stanza is not the only one")
        }
        // The file would be no safer than for the classical ones alone, and look as if it were.
        guard !Recipient.areMixed(recipients) else {
            throw .header(reason: "post-quantum recipients (age1pq1…) and classical ones (age1…) in one file")
        }
        let fileKey = try FileKey.random()
        var stanzas: [Stanza] = []
        for recipient in recipients { stanzas.append(try recipient.wrap(fileKey)) }
        let header = try Header.text(of: stanzas + extraStanzas, key: fileKey)
        try sink.write(header.span)
        try PayloadWriter.encrypt(from: &source, to: &sink, with: fileKey)
    }

    /// Encrypts with a passphrase, which takes 1 KiB shifted left by `logN` of memory.
    ///
    /// - Throws: `header` for a `logN` outside 1 to 18; `memory`; what source and sink throw.
    public static func encrypt<Source: ByteSource & ~Copyable, Sink: ByteSink & ~Copyable>(
        from source: inout Source,
        to sink: inout Sink,
        passphrase: Passphrase,
        logN: Int = 18
    ) throws(AgeError) {
        let fileKey = try FileKey.random()
        let stanza = try ScryptStanza.wrap(fileKey, for: passphrase, logN: logN)
        let header = try Header.text(of: [stanza], key: fileKey)
        try sink.write(header.span)
        try PayloadWriter.encrypt(from: &source, to: &sink, with: fileKey)
    }

    /// Whether the stanzas of a file wrap its key for post-quantum recipients and for nobody else; stanzas of
    /// grease do not count.
    public static func isPostQuantum(_ stanzas: [Stanza]) -> Bool {
        let types = stanzas.map(\.type).filter { !$0.hasSuffix("-grease") }
        return !types.isEmpty && types.allSatisfy { $0 == HybridStanza.type }
    }

    /// Whether this build reads and writes files for post-quantum recipients.
    public static var hasPostQuantum: Bool { XWing.isBuilt }

    /// Whether a file that begins with `start` is meant to be an age file, binary or armored.
    public static func isAgeFile(start: Span<UInt8>) -> Bool {
        if start.hasPrefix("age-encryption.org/") { return true }
        var offset = 0
        while offset < start.count, ArmorDecoder.isWhiteSpace(start[offset]) { offset += 1 }
        return start.extracting(droppingFirst: offset).hasPrefix(ArmorDecoder.begin)
    }
}
