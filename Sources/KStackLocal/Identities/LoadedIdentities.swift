import Age
import KStackAny
import Sodium
import System

/// Identities, and the state of their source when they were read.
final class LoadedIdentities: Sendable {
    /// What must be as it was for the identities to be still good.
    private enum Origin {
        case text(SharedSecret, variable: String)
        case file(path: String, FileVersion)

        /// It was read once, and cannot be read again.
        case pipe(path: String)
    }

    /// The identities.
    let identities: Identities

    /// The keys of files that they opened.
    let payloadKeys = PayloadKeys()

    private let origin: Origin

    /// Identities out of a variable.
    init(_ identities: Identities, text: SharedSecret, of variable: String) {
        self.identities = identities
        origin = .text(text, variable: variable)
    }

    /// Identities out of a file.
    init(_ identities: Identities, path: String, version: FileVersion) {
        self.identities = identities
        origin = .file(path: path, version)
    }

    /// Identities out of a pipe.
    init(_ identities: Identities, pipe path: String) {
        self.identities = identities
        origin = .pipe(path: path)
    }

    /// Whether they are out of a pipe of this path.
    func isPipe(_ path: String) -> Bool {
        guard case .pipe(path) = origin else { return false }
        return true
    }

    /// Whether they are out of this very string.
    func isText(_ other: Span<UInt8>, of variable: String) -> Bool {
        guard case .text(let text, variable) = origin else { return false }
        return text.bytes.constantTimeEquals(other)
    }

    /// Whether they are out of this very file.
    func isFile(_ path: String, _ version: FileVersion) -> Bool {
        guard case .file(path, version) = origin else { return false }
        return true
    }
}
