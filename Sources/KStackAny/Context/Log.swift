import Sodium
import System

/// Passes log lines to the caller's function, or drops them where there is none.
public struct Log: Sendable {
    /// The level of a log line.
    public enum Level: Sendable {
        case debug
        case info
        case warning
    }

    private let write: (@Sendable (Level, String) -> Void)?

    /// Makes a log that hands its lines to a function, or drops them.
    public init(_ write: (@Sendable (Level, String) -> Void)? = nil) {
        self.write = write
    }

    /// Writes a line, which must not hold a secret; it is only built where there is a function for it.
    ///
    /// During a call it is kept until the call ends (`CallContext`).
    public func callAsFunction(_ level: Level, _ message: @autoclosure () -> String) {
        guard let write else { return }
        let message = message()
        if let call = CallContext.current {
            call.add { write(level, message) }
        } else {
            write(level, message)
        }
    }
}
