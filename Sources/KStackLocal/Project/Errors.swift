import Age
import KStackAny
import Sodium
import System

extension KStackError {
    /// The file system refused; a link or another kind of file is a matter of configuration.
    init(_ error: FileError) {
        switch error.kind {
        case .symbolicLink:
            self.init(.configuration, "\(error.description); links are refused here, so put the file or folder itself")
        case .wrongKind, .tooLarge:
            self.init(.configuration, error.description)
        case .notFound, .exists, .system:
            self.init(.io, error.description)
        case .locked:
            self.init(.io, error.description, isRetryable: true)
        }
    }

    /// An age file could not be decrypted for another reason than that no identity fits.
    init(_ error: AgeError, path: String) {
        switch error {
        case .armor(let reason), .header(let reason), .payload(let reason):
            self.init(.vault, "\(path) is damaged or forged (\(reason)); take it from git again, or encrypt it anew")
        case .headerAuthentication:
            self.init(
                .vault,
                "\(path) is damaged or forged (its header does not match its MAC); take it from git again, or encrypt "
                    + "it anew"
            )
        case .noMatch(let types):
            self.init(
                .vault,
                "\(path) cannot be opened: it is for recipients of the kinds \(types.joined(separator: ", "))"
            )
        case .malformedKey(let line, let reason):
            self.init(.configuration, "\(path)\(KStackError.place(line)): \(reason)")
        case .unsupportedKey(let line, let kind):
            self.init(
                .configuration,
                "\(path)\(KStackError.place(line)): a \(kind) is not supported; use a native age key (age-keygen)"
            )
        case .source(let code):
            self.init(FileError(code: code, path: path))
        case .sink(let code):
            self.init(FileError(code: code, path: path))
        case .tooLarge(let limit):
            self.init(
                .configuration,
                "\(path) holds more than \(limit / 1_048_576) MiB, too much for memory; decrypt the vault to disk"
            )
        case .memory(let error):
            self.init(error)
        }
    }

    /// Where in a file something stands.
    private static func place(_ line: Int?) -> String {
        line.map { ", line \($0)" } ?? ""
    }
}
