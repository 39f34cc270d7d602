import Sodium
import XWing

/// Who a file can be written for: the public half of an identity.
public struct Recipient: Hashable, Sendable {
    /// How a file key is wrapped for it.
    enum Kind {
        /// `age1…`.
        case x25519

        /// `age1pq1…`.
        case hybrid

        /// The human-readable part of the text form.
        var prefix: String {
            switch self {
            case .x25519: "age"
            case .hybrid: "age1pq"
            }
        }

        /// The length of the key in bytes.
        var keySize: Int {
            switch self {
            case .x25519: X25519.keySize
            case .hybrid: XWing.publicKeySize
            }
        }
    }

    /// How a file key is wrapped for it.
    let kind: Kind

    /// The bytes of the key.
    public let publicKey: [UInt8]

    /// Takes the key of an identity.
    init(_ kind: Kind, publicKey: [UInt8]) {
        self.kind = kind
        self.publicKey = publicKey
    }

    /// Reads the text form.
    ///
    /// - Throws: `unsupportedKey` for other kinds of key, `malformedKey` for what is none, `notBuilt`.
    public init(bech32: String) throws(AgeError) {
        let text = Array(bech32.utf8)
        try self.init(text.span, line: nil)
    }

    /// Reads the text form in a line of a file.
    private init(_ text: Span<UInt8>, line: Int?) throws(AgeError) {
        let kind: Kind
        switch KeyKind(of: text) {
        case .recipient, .unknown:
            kind = .x25519
        case .hybridRecipient:
            kind = .hybrid
        case .identity, .hybridIdentity, .otherIdentity:
            throw .malformedKey(
                line: line,
                reason:
                    "this is a private key: remove it, make a new one if it was committed, and put in the output of "
                    + "age-keygen -y"
            )
        case .otherRecipient(let kind), .foreign(let kind):
            throw .unsupportedKey(line: line, kind: kind)
        case .encrypted:
            throw .malformedKey(line: line, reason: "the file is encrypted with age; recipients are public")
        }
        guard !KeyLines.isList(text) else {
            throw .malformedKey(line: line, reason: "several words; write one recipient a line, without commas")
        }
        do throws(Bech32.Failure) {
            self.init(kind, publicKey: try Self.publicKey(text, kind))
        } catch .memory(let error) {
            throw .memory(error)
        } catch .prefix {
            throw .malformedKey(line: line, reason: "expected a line that starts with age1")
        } catch {
            throw .malformedKey(line: line, reason: "invalid recipient: \(error.reason)")
        }
        // After decoding: a typing error is reported as one in every build.
        guard kind == .x25519 || XWing.isBuilt else { throw .notBuilt(line: line) }
    }

    /// Whether it withstands quantum computers.
    public var isPostQuantum: Bool { kind == .hybrid }

    /// The text form, `age1…` or `age1pq1…`.
    public var bech32: String {
        // Without memory there is no string; a recipient is not secret, so this function alone does not throw.
        guard let text = try? Bech32.encode(publicKey.span, prefix: kind.prefix) else { return "" }
        var result = ""
        let characters = text.span
        for index in characters.indices { result.unicodeScalars.append(Unicode.Scalar(characters[index])) }
        return result
    }

    /// Wraps a file key for this recipient.
    func wrap(_ fileKey: borrowing FileKey) throws(AgeError) -> Stanza {
        switch kind {
        case .x25519: try X25519Stanza.wrap(fileKey, for: self)
        case .hybrid: try HybridStanza.wrap(fileKey, for: self)
        }
    }

    /// Reads a recipients file as `age -R` does: a recipient a line, blank lines and comments.
    ///
    /// - Throws: `unsupportedKey`, `malformedKey` and `notBuilt` with the line; `malformedKey` for a file with no
    ///   recipient.
    public static func parse(file text: Span<UInt8>) throws(AgeError) -> [Recipient] {
        var lines = try KeyLines(of: text)
        var recipients: [Recipient] = []
        while let line = try lines.next(in: text) {
            recipients.append(try Recipient(text.extracting(line), line: lines.number))
        }
        guard !recipients.isEmpty else {
            throw .malformedKey(line: nil, reason: "no recipient in it; write a line age1… for each person")
        }
        return recipients
    }

    /// Whether both kinds are among them: a file for all would be no safer than one for the classical ones.
    public static func areMixed(_ recipients: [Recipient]) -> Bool {
        recipients.contains(where: \.isPostQuantum) && !recipients.allSatisfy(\.isPostQuantum)
    }

    /// The bytes of a key.
    private static func publicKey(_ text: Span<UInt8>, _ kind: Kind) throws(Bech32.Failure) -> [UInt8] {
        var bytes = try mapError(Bech32.Failure.memory, SecretBytes(minimumCapacity: kind.keySize))
        try Bech32.decode(text, prefix: kind.prefix, into: &bytes)
        guard bytes.count == kind.keySize else { throw .length }
        var publicKey: [UInt8] = []
        publicKey.reserveCapacity(bytes.count)
        let decoded = bytes.span
        for index in decoded.indices { publicKey.append(decoded[index]) }
        return publicKey
    }
}
