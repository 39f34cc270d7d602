import Age
import Sodium
import System

/// The keys of the files that were opened last, by the version of each file, so that the next look-up need not
/// unwrap a file's key again.
///
/// A key is only a guess: where it does not authenticate the payload, the file is another one.
final class PayloadKeys: Sendable {
    /// How many keys are kept; the oldest goes first.
    static let limit = 256

    private struct State {
        var keys: [FileVersion: PayloadKey] = [:]
        var oldestFirst: [FileVersion] = []
    }

    private let state = Guarded(State())

    /// The key of a file; nil where none is kept.
    subscript(version: FileVersion) -> PayloadKey? { state.withLock { $0.keys[version] } }

    /// Keeps the key of a file.
    func keep(_ key: PayloadKey, of version: FileVersion) {
        state.withLock { state in
            if state.keys.updateValue(key, forKey: version) == nil { state.oldestFirst.append(version) }
            guard state.oldestFirst.count > Self.limit else { return }
            state.keys[state.oldestFirst.removeFirst()] = nil
        }
    }
}
