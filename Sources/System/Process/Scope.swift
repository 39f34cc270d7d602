import Glibc

/// Why the calls of a scope end early.
public enum Stop: Sendable {
    case timeout
    case cancelled

    /// The number by which streams of bytes tell of it, which no file system reports for a read or a write.
    public var code: Int32 {
        switch self {
        case .timeout: ETIME
        case .cancelled: ECANCELED
        }
    }
}

/// Until when calls may run: a moment, and flags that end them earlier.
///
/// Nobody is told of a flag; who waits looks at it every few milliseconds. So a flag needs no descriptor, which a forked
/// child would share and a host might close.
public final class Scope: Sendable {
    /// How long a wait may go on before it looks again, in milliseconds.
    public static let longestPause = 20

    /// The end on `clock`, in milliseconds; nil where there is none.
    public let end: Int?

    private let cancellations: [Cancellation]
    private let clock: MonotonicClock

    /// Makes a scope within another, whose end and flags it inherits.
    ///
    /// - Parameter timeout: in milliseconds from now; nil for no end of its own.
    public init(
        within parent: Scope? = nil,
        timeout: Int? = nil,
        cancellation: Cancellation? = nil,
        clock: MonotonicClock = .system
    ) {
        let ends = [parent?.end, timeout.map { clock.now() &+ $0 }].compactMap { $0 }
        end = ends.min()
        cancellations = (parent?.cancellations ?? []) + [cancellation].compactMap { $0 }
        self.clock = clock
    }

    /// The scope that this thread works in; nil for none.
    public static var current: Scope? { (ThreadObject.current as? any ScopeHolder)?.scope }

    /// Why the work of this thread is to end; nil where it may go on.
    public static var currentStop: Stop? { current?.stop }

    /// Why its calls are to end; nil where they may go on.
    public var stop: Stop? {
        if cancellations.contains(where: \.isCancelled) { return .cancelled }
        if let end, clock.now() >= end { return .timeout }
        return nil
    }
}

/// The object of a thread that knows the scope of what the thread does.
public protocol ScopeHolder: AnyObject {
    var scope: Scope? { get }
}
