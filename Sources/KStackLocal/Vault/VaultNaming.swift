import KStackAny

/// Which names in a layer's folder are files of the vault.
enum VaultNaming {
    /// The prefix of the names of encrypted files.
    static let prefix = "secret."

    /// Notes, samples, editors' copies, and metadata about encrypted files.
    private static let ignoredSuffixes = [".example", ".template", ".md", "~", ".cfg", ".conf", ".config"]

    /// The name of the encrypted form of a plaintext.
    static func encryptedName(of plaintext: String) -> String {
        prefix + plaintext
    }

    /// The plaintext name of an encrypted file; nil for what is not a vault file.
    static func plaintextName(of encrypted: String) -> String? {
        guard isEncryptedName(encrypted), let name = String(encrypted.utf8.dropFirst(prefix.utf8.count)) else {
            return nil
        }
        return isPlaintext(name) ? name : nil
    }

    /// Whether a name is that of a plaintext which the vault has, or could have, an encrypted form of.
    static func isPlaintext(_ name: String) -> Bool {
        FileName.isValid(name) && !isEncryptedName(name)
            && !ignoredSuffixes.contains(where: name.hasByteSuffix)
    }

    /// Whether the name of a file that is not hidden is invalid in a vault.
    static func isInvalid(_ name: String) -> Bool {
        name.utf8.first != UInt8(ascii: ".") && !FileName.isValid(name)
    }

    /// Whether a hidden file may hold secrets; git's, the desktop's and our own do not.
    static func isHiddenPlaintext(_ name: String) -> Bool {
        let others = [".git", ".kstack-", ".DS_Store"]
        return name.utf8.first == UInt8(ascii: ".") && !others.contains { name.utf8.starts(with: $0.utf8) }
    }

    /// Whether a name begins as those of encrypted files do; by bytes, since an accent after the dot would make one
    /// character with it.
    private static func isEncryptedName(_ name: String) -> Bool {
        name.utf8.starts(with: prefix.utf8)
    }

    /// Checks the plaintext name that a caller gives.
    ///
    /// - Throws: `invalidArgument` for an invalid name, or one that no vault file may have.
    static func checked(_ name: String) throws(KStackError) -> FileName {
        let file = try FileName(name)
        guard !isEncryptedName(name) else {
            throw KStackError(
                .invalidArgument,
                "\(KStackError.quoted(name)) is the name of an encrypted file; give the plaintext name, without "
                    + "'\(prefix)'"
            )
        }
        guard isPlaintext(name) else {
            throw KStackError(
                .invalidArgument,
                "\(KStackError.quoted(name)) cannot be a file of a vault: names that end in "
                    + "\(ignoredSuffixes.joined(separator: ", ")) are for notes and metadata"
            )
        }
        return file
    }
}
