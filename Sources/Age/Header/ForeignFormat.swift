import Sodium

/// What a file is that is not an age file, by its first bytes.
public enum ForeignFormat: Sendable, Equatable {
    /// A file of a merge that git could not finish.
    case conflictMarks

    /// What Git LFS commits in place of a file.
    case lfsPointer

    /// A file of sops, which encrypts values and not files.
    case sops

    /// UTF-16, as some shells write what is redirected to a file.
    case utf16

    /// An age file with a byte order mark before it.
    case byteOrderMark

    /// Plaintext.
    case text

    /// Anything else.
    case other

    /// The format of a file that begins with `start`; nil for what is meant to be an age file.
    init?(start: Span<UInt8>) {
        if start.hasPrefix("\u{FEFF}age-encryption.org/") || start.hasPrefix("\u{FEFF}" + ArmorDecoder.begin) {
            self = .byteOrderMark
        } else if Self.isAgeBeginning(start) || Self.contains("age-encryption.org/", in: start)
            || Self.contains("AGE ENCRYPTED FILE", in: start) || Self.isWhiteSpace(start)
        {
            // A damaged age file: reading it gives a more precise error.
            return nil
        } else if start.hasPrefix("<<<<<<< ") {
            self = .conflictMarks
        } else if start.hasPrefix("version https://git-lfs") {
            self = .lfsPointer
        } else if start.count >= 2, start[0] == 0xFF && start[1] == 0xFE || start[0] == 0xFE && start[1] == 0xFF {
            self = .utf16
        } else if Self.contains("ENC[AES256_GCM,", in: start) {
            self = .sops
        } else {
            self = Self.isText(start) ? .text : .other
        }
    }

    private static func contains(_ needle: String, in text: Span<UInt8>) -> Bool {
        let needle = Array(needle.utf8)
        guard text.count >= needle.count else { return false }
        return (0...text.count - needle.count).contains { start in
            needle.indices.allSatisfy { text[start + $0].asciiLowerCased == needle[$0].asciiLowerCased }
        }
    }

    /// Whether it is the beginning of an age file, perhaps a truncated one.
    private static func isAgeBeginning(_ start: Span<UInt8>) -> Bool {
        let line = Array("age-encryption.org/".utf8)
        let isCut = start.count <= line.count && start.indices.allSatisfy { start[$0] == line[$0] }
        return isCut || start.hasPrefix("-----BEGIN")
    }

    private static func isWhiteSpace(_ bytes: Span<UInt8>) -> Bool {
        bytes.indices.allSatisfy { ArmorDecoder.isWhiteSpace(bytes[$0]) }
    }

    /// Whether all bytes are printable ASCII, white space, or beyond ASCII.
    private static func isText(_ bytes: Span<UInt8>) -> Bool {
        bytes.indices.allSatisfy { index in
            let byte = bytes[index]
            return byte >= 0x20 && byte != 0x7F || (0x09...0x0D).contains(byte)
        }
    }
}
