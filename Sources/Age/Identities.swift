import Sodium

/// Native identities, all of them in one piece of secret memory, with their public halves.
public final class Identities: Sendable {
    /// The human-readable part of an identity's text form.
    private static let prefix = "AGE-SECRET-KEY-"

    /// The secrets, 32 bytes each.
    private let secrets: SecretBytes

    /// The public halves, in the order of the identities.
    public let recipients: [X25519Recipient]

    /// The kinds of the keys that were ignored, in order, each once.
    public let passedOver: [String]

    /// How many identities there are.
    public var count: Int { recipients.count }

    /// Computes the public halves, once for all files.
    private init(secrets: consuming SecretBytes, passedOver: [String]) throws(AgeError) {
        var recipients: [X25519Recipient] = []
        var start = 0
        while secrets.count - start >= X25519.keySize {
            try mapError(AgeError.memory) { () throws(SodiumError) in
                let secret = secrets.span.extracting(start..<start + X25519.keySize)
                recipients.append(X25519Recipient(publicKey: try X25519.publicKey(of: secret)))
            }
            start += X25519.keySize
        }
        self.secrets = secrets
        self.recipients = recipients
        self.passedOver = passedOver
    }

    /// Reads an identity file: an identity a line, blank lines and comments.
    ///
    /// Plugin and post-quantum identities are ignored where a native one is there too.
    /// - Throws: `malformedKey` with the line, or without one where the file has no identity; `unsupportedKey`.
    public static func parse(file text: Span<UInt8>) throws(AgeError) -> Identities {
        var reader = try Reader()
        var lines = try KeyLines(of: text)
        while let line = try lines.next(in: text) {
            try reader.add(text.extracting(line), line: lines.number)
        }
        return try reader.finish()
    }

    /// Reads identities that are separated by spaces, tabs or line ends, as in `SOPS_AGE_KEY`.
    ///
    /// - Throws: as `parse(file:)`.
    public static func parse(list text: Span<UInt8>) throws(AgeError) -> Identities {
        var reader = try Reader()
        var lines = try KeyLines(of: text)
        while let line = try lines.next(in: text) {
            var position = line.lowerBound
            while let word = KeyLines.word(in: text, line, from: &position) {
                // What is recognised by more than one word is the rest of the line.
                let rest = text.extracting(word.lowerBound..<line.upperBound)
                let isWord = KeyKind(of: rest) == .identity || rest.hasPrefix("AGE-PLUGIN-")
                try reader.add(isWord ? text.extracting(word) : rest, line: lines.number)
            }
        }
        return try reader.finish()
    }

    /// Makes a new identity.
    public static func generate() throws(AgeError) -> GeneratedIdentity {
        try mapError(AgeError.memory) { () throws(SodiumError) in
            let secret = try Random.secret(count: X25519.keySize)
            let recipient = X25519Recipient(publicKey: try X25519.publicKey(of: secret.span))
            return GeneratedIdentity(
                identity: try Bech32.encode(secret.span, prefix: prefix),
                recipient: recipient
            )
        }
    }

    /// The secret that an identity shares with the holder of a point's secret.
    func sharedSecret(at index: Int, point: Span<UInt8>) throws(SodiumError) -> SecretBytes {
        try Self.sharedSecret(of: secrets, at: index, point: point)
    }

    /// As above; a span cannot be taken of an object's member, only of what is lent.
    private static func sharedSecret(
        of secrets: borrowing SecretBytes,
        at index: Int,
        point: Span<UInt8>
    ) throws(SodiumError) -> SecretBytes {
        let start = index * X25519.keySize
        return try X25519.sharedSecret(
            secret: secrets.span.extracting(start..<start + X25519.keySize),
            point: point
        )
    }

    /// Collects the identities of a file.
    private struct Reader: ~Copyable {
        private var secrets: SecretBytes
        private var passedOver: [String] = []
        private var firstPassedOver: AgeError?

        /// Begins with none.
        init() throws(AgeError) {
            secrets = try mapError(AgeError.memory, SecretBytes(minimumCapacity: X25519.keySize))
        }

        /// Reads one key.
        mutating func add(_ text: Span<UInt8>, line: Int) throws(AgeError) {
            switch KeyKind(of: text) {
            case .identity:
                try decode(text, line: line)
            case .otherIdentity(let kind):
                firstPassedOver = firstPassedOver ?? .unsupportedKey(line: line, kind: kind)
                // Told to people, who need not see more than that; a file may have thousands.
                if passedOver.count < 16, !passedOver.contains(kind) { passedOver.append(kind) }
            case .foreign(let kind):
                throw .unsupportedKey(line: line, kind: kind)
            case .recipient, .otherRecipient:
                throw .malformedKey(
                    line: line,
                    reason: "this is a recipient, the public half; an identity starts with AGE-SECRET-KEY-1"
                )
            case .encrypted:
                throw .malformedKey(line: line, reason: "encrypted with age")
            case .unknown:
                throw .malformedKey(line: line, reason: "expected a line that starts with AGE-SECRET-KEY-1")
            }
        }

        /// Decodes one native identity.
        private mutating func decode(_ text: Span<UInt8>, line: Int) throws(AgeError) {
            let start = secrets.count
            do throws(Bech32.Failure) {
                try Bech32.decode(text, prefix: Identities.prefix, into: &secrets)
                guard secrets.count - start == X25519.keySize else { throw .length }
            } catch .memory(let error) {
                throw .memory(error)
            } catch {
                throw .malformedKey(
                    line: line,
                    reason: text.hasPrefix("age-")
                        ? "an identity must be in upper case" : "invalid identity: \(error.reason)"
                )
            }
        }

        /// The identities, at least one.
        consuming func finish() throws(AgeError) -> Identities {
            if secrets.count == 0 {
                throw firstPassedOver ?? .malformedKey(line: nil, reason: "no identity in it")
            }
            return try Identities(secrets: secrets, passedOver: passedOver)
        }
    }
}
