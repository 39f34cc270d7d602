import Sodium
import System

extension KStackError {
    private static let keyPrefix = Array("AGE-SECRET-KEY-".utf8)

    /// Longer than the prefix of a key that messages mention, and shorter than any key.
    private static let shortestKey = 5

    /// Whether a string from outside holds a private key of age, or the beginning of one, in upper or lower case.
    public static func holdsPrivateKey(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.indices.contains { isKeyPrefix(bytes, at: $0) }
    }

    /// The prefixes of tokens: JSON web tokens, PEM, and those of AWS, GitHub, GitLab, Slack, Stripe, Vault and OpenAI.
    private static let tokenPrefixes = [
        "eyJ", "-----BEGIN", "AKIA", "ASIA", "ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "xox", "sk_live_",
        "sk_test_",
        "hvs.", "sk-",
    ]

    /// Whether a string from outside may be a secret in place of a name or a path, so that no message shows it: a
    /// private key, several lines, a token, or a long string that mixes letters, digits and signs as no name does.
    public static func mayBeSecret(_ text: String) -> Bool {
        if holdsPrivateKey(text) || text.utf8.contains(where: { $0 == 0x0A || $0 == 0x0D }) { return true }
        if tokenPrefixes.contains(where: { text.utf8.starts(with: $0.utf8) }) && text.utf8.count >= 16 { return true }
        return isMixed(text)
    }

    /// A path that does not exist, for a message: what may be a secret in place of a path is not shown.
    public static func missingPath(_ path: String) -> String {
        guard let start = startOfMissing(in: path) else { return printable(path) }
        return isHidden(missingPath: path) ? "\(path[..<start])\(printable(String(path[start...])))" : path
    }

    /// Whether the message for a path that does not exist hides it, or the part that is missing.
    public static func isHidden(missingPath path: String) -> Bool {
        mayBeSecret(startOfMissing(in: path).map { String(path[$0...]) } ?? path)
    }

    /// Where the part of a path that does not exist begins, or its last name; nil for a string that does not look like a
    /// path.
    ///
    /// The folders before it exist, and may have names as mixed as a secret.
    private static func startOfMissing(in path: String) -> String.Index? {
        guard let first = path.utf8.first, [UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "~")].contains(first)
        else {
            return nil
        }
        var start = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        while let slash = start, slash > path.startIndex {
            if (try? Paths.linkStatus(of: String(path[..<slash]))).flatMap({ $0 }) != nil { break }
            start = path.utf8[..<slash].lastIndex(of: UInt8(ascii: "/"))
        }
        return start.map(path.utf8.index(after:))
    }

    /// Whether a string is mixed as tokens are: three of lower case, upper case, digits and signs in 16 characters, or
    /// in 32 that do not look like a path.
    private static func isMixed(_ text: String) -> Bool {
        let isFile = text.utf8.contains(UInt8(ascii: "."))
        if text.utf8.count >= 32, !isFile, kinds(in: text.utf8) >= 3 { return true }
        return text.utf8.split(separator: UInt8(ascii: "/")).contains { $0.count >= 16 && kinds(in: $0) >= 3 }
    }

    private static func kinds(in bytes: some Sequence<UInt8>) -> Int {
        var (lower, upper, digit, sign) = (0, 0, 0, 0)
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): lower = 1
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): upper = 1
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = 1
            case UInt8(ascii: "-")...UInt8(ascii: "/"), UInt8(ascii: "_"), UInt8(ascii: "{"), UInt8(ascii: "}"): break
            default: if (0x21..<0x7F).contains(byte) { sign = 1 }
            }
        }
        return lower + upper + digit + sign
    }

    /// A string with an ellipsis in place of each private key: the last guard before anything is shown.
    public static func withoutPrivateKeys(_ text: String) -> String {
        guard holdsPrivateKey(text) else { return text }
        let bytes = Array(text.utf8)
        var shown: [UInt8] = []
        var index = 0
        while index < bytes.count {
            guard isKeyPrefix(bytes, at: index) else {
                shown.append(bytes[index])
                index += 1
                continue
            }
            let start = index + keyPrefix.count
            let end = bytes[start...].firstIndex { !isKeyCharacter($0) } ?? bytes.count
            shown += bytes[index..<start]
            shown += end - start < shortestKey ? Array(bytes[start..<end]) : Array("…".utf8)
            index = end
        }
        return String(decoding: shown, as: UTF8.self)
    }

    private static func isKeyPrefix(_ bytes: [UInt8], at index: Int) -> Bool {
        bytes.count - index >= keyPrefix.count
            && zip(bytes[index...], keyPrefix).allSatisfy { $0.asciiUpperCased == $1 }
    }

    private static func isKeyCharacter(_ byte: UInt8) -> Bool {
        byte.isASCIILetter || byte.isASCIIDigit || byte == UInt8(ascii: "-")
    }
}
