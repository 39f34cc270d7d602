import Sodium

/// A native recipient: the public half of an identity.
public struct X25519Recipient: Hashable, Sendable {
    /// The human-readable part of the text form.
    private static let prefix = "age"

    /// The point, 32 bytes.
    public let publicKey: [UInt8]

    /// Takes the point of an identity.
    init(publicKey: [UInt8]) {
        self.publicKey = publicKey
    }

    /// Reads the text form, `age1…`.
    ///
    /// - Throws: `unsupportedKey` for other kinds of key, `malformedKey` for what is none.
    public init(bech32: String) throws(AgeError) {
        let text = Array(bech32.utf8)
        try self.init(text.span, line: nil)
    }

    /// Reads the text form in a line of a file.
    private init(_ text: Span<UInt8>, line: Int?) throws(AgeError) {
        switch KeyKind(of: text) {
        case .recipient, .unknown:
            break
        case .identity, .otherIdentity:
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
            var bytes = try Self.memory()
            try Bech32.decode(text, prefix: Self.prefix, into: &bytes)
            guard bytes.count == X25519.keySize else { throw .length }
            var publicKey: [UInt8] = []
            publicKey.reserveCapacity(bytes.count)
            let decoded = bytes.span
            for index in decoded.indices { publicKey.append(decoded[index]) }
            self.publicKey = publicKey
        } catch .memory(let error) {
            throw .memory(error)
        } catch .prefix {
            throw .malformedKey(line: line, reason: "expected a line that starts with age1")
        } catch {
            throw .malformedKey(line: line, reason: "invalid recipient: \(error.reason)")
        }
    }

    /// The text form, `age1…`.
    public var bech32: String {
        // Without memory there is no text; the recipient is no secret, so this is the one place that does not throw.
        guard let text = try? Bech32.encode(publicKey.span, prefix: Self.prefix) else { return "" }
        var result = ""
        let characters = text.span
        for index in characters.indices { result.unicodeScalars.append(Unicode.Scalar(characters[index])) }
        return result
    }

    /// Reads a recipients file as `age -R` does: a recipient a line, blank lines and comments.
    ///
    /// - Throws: `unsupportedKey` and `malformedKey` with the line; `malformedKey` for a file with no recipient.
    public static func parse(file text: Span<UInt8>) throws(AgeError) -> [X25519Recipient] {
        var lines = try KeyLines(of: text)
        var recipients: [X25519Recipient] = []
        while let line = try lines.next(in: text) {
            recipients.append(try X25519Recipient(text.extracting(line), line: lines.number))
        }
        guard !recipients.isEmpty else {
            throw .malformedKey(line: nil, reason: "no recipient in it; write a line age1… for each person")
        }
        return recipients
    }

    /// Room for the bytes of one key.
    private static func memory() throws(Bech32.Failure) -> SecretBytes {
        try mapError(Bech32.Failure.memory, SecretBytes(minimumCapacity: X25519.keySize))
    }
}
