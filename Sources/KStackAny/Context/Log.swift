import Sodium
import System

/// Where lines of the log go; nowhere, unless the caller gave a function for them.
public struct Log: Sendable {
    /// How much a line matters.
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

    /// Writes a line, which must not hold a secret; it is only made where somebody takes it.
    ///
    /// Within a call it is kept until the call ends (`LogLines`).
    public func callAsFunction(_ level: Level, _ message: @autoclosure () -> String) {
        guard let write else { return }
        let message = message()
        if let lines = ThreadObject.current as? LogLines {
            lines.add { write(level, message) }
        } else {
            write(level, message)
        }
    }
}

/// The lines of one call, kept until nothing is locked any more: what takes them may call the library, too.
///
/// Lines of the threads that work for a call are among them, and reach the host on the thread of the call.
public final class LogLines: Sendable {
    private let lines = Guarded<[@Sendable () -> Void]>([])

    /// Keeps the lines that are written while `body` runs, on this thread or on one that works for it, and delivers them.
    public static func collecting<Result, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let collected = LogLines()
        defer { collected.deliver() }
        return try ThreadObject.with(collected, body)
    }

    fileprivate func add(_ line: @escaping @Sendable () -> Void) {
        lines.withLock { $0.append(line) }
    }

    private func deliver() {
        let delivered = lines.withLock { lines in
            defer { lines = [] }
            return lines
        }
        if !delivered.isEmpty { waiting { for line in delivered { line() } } }
    }
}
