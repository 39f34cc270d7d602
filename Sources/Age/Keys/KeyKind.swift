/// The kind of a key by its first characters; the rest is not checked.
enum KeyKind: Equatable {
    /// `AGE-SECRET-KEY-1…`.
    case identity

    /// `AGE-SECRET-KEY-PQ-1…`.
    case hybridIdentity

    /// `age1pq1…`.
    case hybridRecipient

    /// `age1…`, native.
    case recipient

    /// A known kind of identity that is not supported.
    case otherIdentity(String)

    /// A known kind of recipient that is not supported.
    case otherRecipient(String)

    /// A key of SSH or another program.
    case foreign(String)

    /// A whole file that is encrypted with age.
    case encrypted

    /// Anything else.
    case unknown

    /// The longest name of a plugin that is repeated in a message.
    private static let nameLimit = 32

    /// Recognises one key.
    init(of text: Span<UInt8>) {
        if text.hasPrefix("AGE-SECRET-KEY-PQ-1") || text.hasPrefix("age-secret-key-pq-1") {
            self = .hybridIdentity
        } else if text.hasPrefix("AGE-SECRET-KEY-") || text.hasPrefix("age-secret-key-") {
            self = .identity
        } else if text.hasPrefix("AGE-PLUGIN-") {
            let name = Self.name(in: text, after: "AGE-PLUGIN-", before: "-1")
            self = .otherIdentity(name.map { "plugin identity age-plugin-\($0)" } ?? "plugin identity")
        } else if text.hasPrefix("age1") {
            self = Self.recipient(text)
        } else if text.hasPrefix("age-encryption.org/") || text.hasPrefix(ArmorDecoder.begin) {
            self = .encrypted
        } else if text.hasPrefix("-----BEGIN PGP ") {
            self = .foreign("PGP key")
        } else if text.hasPrefix("-----BEGIN") || text.hasPrefix("ssh-") || text.hasPrefix("ecdsa-sha2-")
            || text.hasPrefix("sk-ssh-") || text.hasPrefix("sk-ecdsa-")
        {
            self = .foreign("SSH key")
        } else {
            self = .unknown
        }
    }

    /// Distinguishes native recipients from others by the human-readable part, which ends at the last `1` (BIP 173).
    private static func recipient(_ text: Span<UInt8>) -> KeyKind {
        if text.hasPrefix("age1pq1") { return .hybridRecipient }
        if text.hasPrefix("age1tagpq1") { return .otherRecipient("post-quantum tagged recipient") }
        if text.hasPrefix("age1tag1") { return .otherRecipient("tagged recipient") }
        let rest = text.extracting(droppingFirst: 4)
        guard rest.firstIndex(of: "1") != nil else { return .recipient }
        let name = name(in: text, after: "age1", before: "1")
        return .otherRecipient(name.map { "plugin recipient age-plugin-\($0)" } ?? "plugin recipient")
    }

    /// The name of a plugin, in lower case; nil where no program can have it.
    ///
    /// The first end of the prefix counts: data has neither `1` nor `-` in it, so no part of a key is ever repeated.
    private static func name(in text: Span<UInt8>, after prefix: String, before end: String) -> String? {
        let start = prefix.utf8.count
        guard let stop = text.firstIndex(of: end, from: start), stop > start, stop - start <= nameLimit else {
            return nil
        }
        var name = ""
        for index in start..<stop {
            let character = Unicode.Scalar(text[index])
            switch character {
            case "a"..."z", "A"..."Z", "0"..."9", "-", "_", "+", ".": name.unicodeScalars.append(character)
            default: return nil
            }
        }
        return name.lowercased()
    }
}
