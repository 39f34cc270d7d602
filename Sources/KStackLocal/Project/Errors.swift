package import Age
package import KStackAny
import Sodium
import System

extension KStackError {
    /// As `init(_:path:)`, for `mapError`.
    package static func age(_ path: String) -> (AgeError) -> KStackError {
        { error in KStackError(error, path: path) }
    }

    /// The error of generating an identity.
    package static func generating(_ error: AgeError) -> KStackError {
        if case .notBuilt = error {
            return KStackError(.configuration, "no post-quantum identity can be generated: \(notBuilt)")
        }
        return KStackError(
            .internal,
            "no identity could be generated: the system gives no random numbers or no memory"
        )
    }

    /// The message about keys that need X-Wing in a build without it.
    static let notBuilt = "this build does not have post-quantum support (it was made with PQ=0); use one that has"

    /// The error for an age file that cannot be decrypted, for another reason than that no identity fits.
    package init(_ error: AgeError, path: String) {
        switch error {
        case .foreign(let format):
            self.init(.vault, "\(path) \(KStackError.description(of: format, path))")
        case .armor(let reason), .header(let reason), .payload(let reason):
            self.init(.vault, "\(path) is damaged or forged (\(reason)); restore it from git, or encrypt it again")
        case .headerAuthentication:
            self.init(
                .vault,
                "\(path) is damaged or forged (its header does not match its MAC); restore it from git, or encrypt it "
                    + "again"
            )
        case .noMatch(let types):
            self.init(
                .vault,
                "\(path) cannot be decrypted: it is for recipients of the kinds \(KStackError.kinds(types))"
            )
        case .malformedKey(let line, let reason):
            self.init(.configuration, "\(path)\(KStackError.place(line)): \(reason)")
        case .unsupportedKey(let line, let kind):
            self.init(
                .configuration,
                "\(path)\(KStackError.place(line)): \(kind.hasSuffix("key") ? "\(kind)s" : "a \(kind)") \(kind.hasSuffix("key") ? "are" : "is") not "
                    + "supported; use a native age key (age-keygen)"
            )
        case .notBuilt(let line):
            self.init(
                .configuration,
                "\(path)\(KStackError.place(line)): \(KStackError.notBuilt), or a classical key (age1…)"
            )
        case .source(let code):
            self = .file(FileError(code: code, path: path))
        case .sink(let code):
            self = .file(FileError(code: code, path: path))
        case .notReadBack:
            self.init(.io, "\(path) was not read back as it was written; check the disk. Nothing was written")
        case .tooLarge(let limit):
            self.init(
                .configuration,
                "\(path) holds more than \(limit / 1_048_576) MiB, too much for memory; decrypt the vault to disk"
            )
        case .memory(let error):
            self = .memory(error)
        }
    }

    /// The kinds of recipients of a file; our own stanza and those of grease do not count.
    static func kinds(_ types: [String]) -> String {
        let kinds = types.filter { $0 != Recipients.stanzaType && !$0.hasSuffix("-grease") }
        return kinds.isEmpty ? "none" : kinds.joined(separator: ", ")
    }

    /// What a file is that is not an age file, and what to do.
    private static func description(of format: ForeignFormat, _ path: String) -> String {
        switch format {
        case .conflictMarks:
            "has git's conflict markers in it: take one version (git checkout --ours or --theirs), and put the line "
                + "'secret.* binary' into .gitattributes"
        case .lfsPointer: "is a pointer of Git LFS, not the file itself: run git lfs pull"
        case .sops: "is a file of sops, not of age: put the output of sops -d next to it as plaintext, and encrypt that"
        case .utf16, .byteOrderMark:
            "is an age file that was changed as text (PowerShell's redirection does this, and git's autocrlf): write it "
                + "with age -o, restore it from git, and put the line 'secret.* binary' into .gitattributes"
        case .text:
            "is not an age file (is it plaintext? remove '\(VaultNaming.prefix)' from its name and encrypt it; if it was "
                + "committed, change the secret)"
        case .other: "is not an age file; restore it from git, or encrypt it again"
        }
    }

    /// A line of a file, for a message.
    private static func place(_ line: Int?) -> String {
        line.map { ", line \($0)" } ?? ""
    }
}
