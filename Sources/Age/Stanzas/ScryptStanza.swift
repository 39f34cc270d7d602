import Sodium

/// The stanza type `scrypt` (C2SP age, section "The scrypt recipient type").
enum ScryptStanza {
    /// The first argument.
    static let type = "scrypt"

    /// The largest logarithm of the work factor that is read: 1 GiB of memory and some seconds.
    static let readLimit = 20

    /// The largest logarithm of the work factor that is written.
    static let writeLimit = 18

    /// What precedes the salt of the stanza in the salt of scrypt.
    private static let saltPrefix = "age-encryption.org/v1/scrypt"

    /// The length of the salt in the stanza.
    private static let saltSize = 16

    /// Wraps a file key under a passphrase and a new salt.
    ///
    /// - Throws: `header` for a work factor outside 1 to 18; `memory`.
    static func wrap(
        _ fileKey: borrowing FileKey,
        for passphrase: Passphrase,
        logN: Int
    ) throws(AgeError) -> Stanza {
        guard (1...writeLimit).contains(logN) else { throw .header(reason: "the scrypt work factor is out of range") }
        let salt = try mapError(AgeError.memory, Random.bytes(count: saltSize))
        let wrapKey = try passphrase.key(salt: Array(saltPrefix.utf8) + salt, logN: logN)
        return Stanza(
            type: type,
            share: salt.span,
            argument: String(logN),
            body: try fileKey.wrap(with: wrapKey)
        )
    }

    /// Unwraps a file key.
    ///
    /// - Returns: nil where the passphrase is another.
    /// - Throws: `header` for a malformed stanza or a work factor that is too large; `memory`.
    static func unwrap(_ stanza: Stanza, with passphrase: Passphrase) throws(AgeError) -> FileKey? {
        let salt = try stanza.share(size: saltSize, arguments: 2)
        let factor = stanza.arguments.last ?? ""
        // Only digits, and no leading zero; more than two are above the limit in any case.
        guard factor.utf8.allSatisfy(\.isASCIIDigit),
            factor.utf8.first != UInt8(ascii: "0")
        else { throw .header(reason: "the scrypt work factor is malformed") }
        guard factor.utf8.count <= 2, let logN = Int(factor), logN <= readLimit else {
            throw .header(reason: "the scrypt work factor is too large")
        }
        let wrapKey = try passphrase.key(salt: Array(saltPrefix.utf8) + salt, logN: logN)
        return try FileKey.unwrap(stanza.body, wrapKey: wrapKey)
    }
}
