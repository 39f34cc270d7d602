public import Sodium

/// Why an age file or a key could not be read or written.
///
/// Reasons are fixed strings and never hold bytes of a file, of a key or of a line.
public enum AgeError: Error, Equatable {
    /// The ASCII armor is not the strict one of RFC 7468, or the file is neither armored nor binary age.
    case armor(reason: String)

    /// The file is of another format.
    case foreign(ForeignFormat)

    /// The header is malformed, or one like this may not be written.
    case header(reason: String)

    /// The header is well formed, but no key unwraps any of its stanzas.
    ///
    /// The types are in the order of the header, each once, cut to 64 characters, at most 16 of them.
    case noMatch(stanzaTypes: [String])

    /// A key unwraps a stanza, but the header's MAC does not fit: the header was changed.
    case headerAuthentication

    /// The payload is damaged, truncated or forged.
    case payload(reason: String)

    /// An identity, a recipient or a passphrase is malformed; the line is counted from 1.
    case malformedKey(line: Int?, reason: String)

    /// The key is of a kind that this library does not read, named by `kind`; the line is counted from 1.
    case unsupportedKey(line: Int?, kind: String)

    /// The key is post-quantum, and this build does not support it; the line is counted from 1.
    case notBuilt(line: Int?)

    /// The source of bytes failed.
    case source(errno: Int32)

    /// The sink of bytes failed.
    case sink(errno: Int32)

    /// What was written to the sink is not what is read from it.
    case notReadBack

    /// The plaintext is longer than the sink takes.
    case tooLarge(limit: Int)

    /// Secret memory or a cryptographic primitive failed.
    case memory(SodiumError)
}
