import Sodium

/// A passphrase, kept in secret memory.
public final class Passphrase: Sendable {
    /// The bytes as they were given.
    private let bytes: SecretBytes

    /// Copies the passphrase.
    ///
    /// - Throws: `malformedKey` for an empty one; `memory`.
    public init(_ bytes: Span<UInt8>) throws(AgeError) {
        guard !bytes.isEmpty else { throw .malformedKey(line: nil, reason: "the passphrase is empty") }
        self.bytes = try mapError(AgeError.memory, SecretBytes(copying: bytes))
    }

    /// The scrypt key for a salt.
    func key(salt: [UInt8], logN: Int) throws(AgeError) -> SecretBytes {
        try mapError(AgeError.memory, Self.key(of: bytes, salt: salt, logN: logN))
    }

    /// As above; a span cannot be taken of an object's member, only of a borrowed value.
    private static func key(
        of passphrase: borrowing SecretBytes,
        salt: [UInt8],
        logN: Int
    ) throws(SodiumError) -> SecretBytes {
        try Scrypt.key(passphrase: passphrase.span, salt: salt.span, logN: logN)
    }
}
