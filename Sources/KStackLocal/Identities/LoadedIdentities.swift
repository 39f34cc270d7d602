import Age
import KStackAny
import Sodium
import System

/// Identities, and the state of their source when they were read.
final class LoadedIdentities: Sendable {
    /// What must be unchanged for the identities to be valid still.
    private enum Origin {
        case text(SharedSecret, variable: String)
        case file(path: String, FileVersion)

        /// It was read once, and cannot be read again.
        case pipe(path: String)
    }

    /// What was read, ready to decrypt.
    let identities: Identities

    /// The keys of files that they opened.
    let payloadKeys = PayloadKeys()

    private let origin: Origin

    /// Identities from a variable.
    init(_ identities: Identities, text: SharedSecret, of variable: String) {
        self.identities = identities
        origin = .text(text, variable: variable)
    }

    /// Identities from a file.
    init(_ identities: Identities, path: String, version: FileVersion) {
        self.identities = identities
        origin = .file(path: path, version)
    }

    /// Identities from a pipe.
    init(_ identities: Identities, pipe path: String) {
        self.identities = identities
        origin = .pipe(path: path)
    }

    /// Whether they are from a pipe of this path.
    func isPipe(_ path: String) -> Bool {
        guard case .pipe(path) = origin else { return false }
        return true
    }

    /// Whether they are from this very string.
    func isText(_ other: Span<UInt8>, of variable: String) -> Bool {
        guard case .text(let text, variable) = origin else { return false }
        return text.bytes.constantTimeEquals(other)
    }

    /// Whether they are from this very file.
    func isFile(_ path: String, _ version: FileVersion) -> Bool {
        guard case .file(path, version) = origin else { return false }
        return true
    }
}
