import KStackAny
import Sodium
import System

/// The folder of a layer, read once, with all names sorted by their bytes.
///
/// It includes links: whoever opens one refuses it.
struct LayerListing {
    /// Plaintexts, by their names.
    private(set) var plaintexts = FallibleArray<String>()

    /// Encrypted files, by the names of their plaintexts.
    private(set) var encrypted = FallibleArray<String>()

    /// Hidden files that may be plaintexts.
    private(set) var hidden = FallibleArray<String>()

    /// Files whose names are invalid in a vault.
    private(set) var invalid = FallibleArray<String>()

    /// The listing of a layer that has no folder.
    init() {}

    /// Reads a folder.
    init(of folder: borrowing Directory) throws(KStackError) {
        let entries = try mapError(KStackError.file, folder.entries())
        try mapError(KStackError.memory) { () throws(SodiumError) in
            for entry in entries { try add(entry.name, entry.kind) }
            try plaintexts.sort(by: Self.comesFirst)
            try encrypted.sort(by: Self.comesFirst)
            try hidden.sort(by: Self.comesFirst)
            try invalid.sort(by: Self.comesFirst)
        }
    }

    private mutating func add(_ name: String, _ kind: FileStatus.Kind) throws(SodiumError) {
        if VaultNaming.isHiddenPlaintext(name) {
            if kind == .regular { try hidden.append(name) }
        } else if VaultNaming.isInvalid(name) {
            try invalid.append(name)
        } else if kind != .directory {
            if let plaintext = VaultNaming.plaintextName(of: name) {
                try encrypted.append(plaintext)
            } else if VaultNaming.isPlaintext(name) {
                try plaintexts.append(name)
            }
        }
    }

    /// The plaintext names of all files, in either form.
    func all() throws(SodiumError) -> FallibleArray<String> {
        var names = FallibleArray<String>()
        var position = 0
        for name in plaintexts {
            while position < encrypted.count, Self.comesFirst(encrypted[position], name) {
                try names.append(encrypted[position])
                position += 1
            }
            if position < encrypted.count, !Self.comesFirst(name, encrypted[position]) { position += 1 }
            try names.append(name)
        }
        try names.append(contentsOf: encrypted[position...])
        return names
    }

    /// By bytes: to the file system two spellings of an accent are two names.
    static func comesFirst(_ name: String, _ other: String) -> Bool {
        name.utf8.lexicographicallyPrecedes(other.utf8)
    }
}
