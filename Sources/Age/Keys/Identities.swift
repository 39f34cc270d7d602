import Sodium
import XWing

/// Native identities, all of them in one piece of secret memory, with their public halves.
public final class Identities: Sendable {
    /// The human-readable part of a classical identity's text form.
    private static let prefix = "AGE-SECRET-KEY-"

    /// The human-readable part of a hybrid identity's text form.
    private static let hybridPrefix = "AGE-SECRET-KEY-PQ-"

    /// The length of a secret, which is that of both kinds.
    private static let secretSize = X25519.keySize

    /// The secrets, 32 bytes each: of X25519, or the seed of X-Wing.
    private let secrets: SecretBytes

    /// The public halves, in the order of the identities.
    public let recipients: [Recipient]

    /// Whether one of them is for X25519 stanzas.
    let hasClassical: Bool

    /// Whether one of them is for mlkem768x25519 stanzas.
    let hasHybrid: Bool

    /// The kinds of the keys that were ignored, in order, each once.
    public let ignored: [String]

    /// How many identities there are.
    public var count: Int { recipients.count }

    /// Computes the public halves, once for all files.
    private init(secrets: consuming SecretBytes, areHybrid: [Bool], ignored: [String]) throws(AgeError) {
        var recipients: [Recipient] = []
        var start = 0
        for isHybrid in areHybrid where secrets.count - start >= Self.secretSize {
            let secret = secrets.span.extracting(start..<start + Self.secretSize)
            recipients.append(try Self.recipient(of: secret, isHybrid: isHybrid))
            start += Self.secretSize
        }
        hasHybrid = areHybrid.contains(true)
        hasClassical = areHybrid.contains(false)
        self.secrets = secrets
        self.recipients = recipients
        self.ignored = ignored
    }

    /// Reads an identity file: an identity a line, blank lines and comments.
    ///
    /// Plugin identities are ignored where another one is there too, and post-quantum ones in a build without support.
    /// - Throws: `malformedKey` with the line, or without one where the file has no identity; `unsupportedKey`;
    ///   `notBuilt`.
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
                // Keys of several words, such as those of SSH, are recognised by the rest of the line.
                let rest = text.extracting(word.lowerBound..<line.upperBound)
                let kind = KeyKind(of: rest)
                let isWord = kind == .identity || kind == .hybridIdentity || rest.hasPrefix("AGE-PLUGIN-")
                try reader.add(isWord ? text.extracting(word) : rest, line: lines.number)
            }
        }
        return try reader.finish()
    }

    /// Makes a new identity.
    ///
    /// - Throws: `notBuilt`; `memory`.
    public static func generate(isPostQuantum: Bool = false) throws(AgeError) -> GeneratedIdentity {
        let secret = try mapError(AgeError.memory, Random.secret(count: secretSize))
        let recipient = try recipient(of: secret.span, isHybrid: isPostQuantum)
        let prefix = isPostQuantum ? hybridPrefix : prefix
        return GeneratedIdentity(
            identity: try mapError(AgeError.memory, Bech32.encode(secret.span, prefix: prefix)),
            recipient: recipient
        )
    }

    /// The public half of a secret.
    private static func recipient(of secret: Span<UInt8>, isHybrid: Bool) throws(AgeError) -> Recipient {
        if !isHybrid {
            let point = try mapError(AgeError.memory, X25519.publicKey(of: secret))
            return Recipient(.x25519, publicKey: point)
        }
        do throws(XWing.Failure) {
            return Recipient(.hybrid, publicKey: try XWing.publicKey(ofSeed: secret))
        } catch {
            throw AgeError.xwing(.memory(.invalidLength))(error)
        }
    }

    /// The secret that a hybrid identity finds in a sender's ciphertext.
    func decapsulate(_ ciphertext: Span<UInt8>, at index: Int) throws(XWing.Failure) -> SecretBytes {
        try Self.decapsulate(ciphertext, with: secrets, at: index)
    }

    /// As above; a span cannot be taken of an object's member, only of a borrowed value.
    private static func decapsulate(
        _ ciphertext: Span<UInt8>,
        with secrets: borrowing SecretBytes,
        at index: Int
    ) throws(XWing.Failure) -> SecretBytes {
        let start = index * secretSize
        return try XWing.decapsulate(ciphertext, seed: secrets.span.extracting(start..<start + secretSize))
    }

    /// The secret that an identity shares with the holder of a point's secret.
    func sharedSecret(at index: Int, point: Span<UInt8>) throws(SodiumError) -> SecretBytes {
        try Self.sharedSecret(of: secrets, at: index, point: point)
    }

    /// As above; a span cannot be taken of an object's member, only of a borrowed value.
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
        private var areHybrid: [Bool] = []
        private var ignored: [String] = []
        private var firstIgnored: AgeError?

        /// Makes a reader that has no identities yet.
        init() throws(AgeError) {
            secrets = try mapError(AgeError.memory, SecretBytes(minimumCapacity: X25519.keySize))
        }

        /// Reads one key.
        mutating func add(_ text: Span<UInt8>, line: Int) throws(AgeError) {
            switch KeyKind(of: text) {
            case .identity:
                try decode(text, isHybrid: false, line: line)
            case .hybridIdentity:
                if XWing.isBuilt { return try decode(text, isHybrid: true, line: line) }
                ignore(.notBuilt(line: line), "post-quantum identity")
            case .otherIdentity(let kind):
                ignore(.unsupportedKey(line: line, kind: kind), kind)
            case .foreign(let kind):
                throw .unsupportedKey(line: line, kind: kind)
            case .recipient, .hybridRecipient, .otherRecipient:
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

        /// Records a key that is ignored.
        private mutating func ignore(_ error: AgeError, _ kind: String) {
            firstIgnored = firstIgnored ?? error
            // For messages, which need no more; a file may have thousands.
            if ignored.count < 16, !ignored.contains(kind) { ignored.append(kind) }
        }

        /// Decodes one identity.
        private mutating func decode(_ text: Span<UInt8>, isHybrid: Bool, line: Int) throws(AgeError) {
            let start = secrets.count
            do throws(Bech32.Failure) {
                let prefix = isHybrid ? Identities.hybridPrefix : Identities.prefix
                try Bech32.decode(text, prefix: prefix, into: &secrets)
                guard secrets.count - start == Identities.secretSize else { throw .length }
                areHybrid.append(isHybrid)
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
                throw firstIgnored ?? .malformedKey(line: nil, reason: "no identity in it")
            }
            return try Identities(secrets: secrets, areHybrid: areHybrid, ignored: ignored)
        }
    }
}
