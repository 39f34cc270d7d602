import Glibc
import Sodium

/// Why the calls of a scope end early.
public enum Stop: Sendable {
    case timeout
    case cancelled

    /// The errno that byte streams report for it; no file system uses it for a read or a write.
    public var code: Int32 {
        switch self {
        case .timeout: ETIME
        case .cancelled: ECANCELED
        }
    }
}

/// The deadline of calls, and the flags that cancel them.
///
/// Setting a flag wakes nobody; waits check it every few milliseconds. So a flag needs no descriptor, which a forked
/// child would share and a host might close.
public final class Scope: Sendable {
    /// The longest time between two checks, in milliseconds.
    public static let longestPause = 20

    /// The end on `clock`, in milliseconds; nil where there is none.
    public let end: Int?

    private let cancellations: [Cancellation]
    private let interruption: Interruption?
    private let watch: Watch?
    private let clock: MonotonicClock

    /// Makes a scope within another, whose end and flags it inherits.
    ///
    /// - Parameters:
    ///   - timeout: in milliseconds from now; nil for no end of its own.
    ///   - interruption: the program's function that is called while a call runs; nil for the parent's.
    public init(
        within parent: Scope? = nil,
        timeout: Int? = nil,
        cancellation: Cancellation? = nil,
        interruption: Interruption? = nil,
        clock: MonotonicClock = .system
    ) {
        let ends = [parent?.end, timeout.map { clock.now() &+ $0 }].compactMap { $0 }
        end = ends.min()
        cancellations = (parent?.cancellations ?? []) + [cancellation].compactMap { $0 }
        self.interruption = interruption ?? parent?.interruption
        watch = nil
        self.clock = clock
    }

    /// Makes the scope of one call of this thread.
    private init(within parent: Scope, _ watch: Watch) {
        end = parent.end
        cancellations = parent.cancellations
        interruption = parent.interruption
        self.watch = watch
        clock = parent.clock
    }

    /// The scope for a call that begins now on this thread.
    public func ofCall() -> Scope {
        guard let interruption else { return self }
        return Scope(within: self, Watch(interruption, from: clock.now()))
    }

    /// The scope that this thread works in; nil for none.
    public static var current: Scope? { CallContext.current?.scope }

    /// Why the work of this thread must end; nil where it may continue.
    public static var currentStop: Stop? { current?.stop }

    /// Why its calls must end; nil where they may continue.
    public var stop: Stop? {
        watch?.ask(at: clock.now)
        return stopUnasked
    }

    /// As `stop`, without calling the program's function: for places where it must not call the library.
    public var stopUnasked: Stop? {
        if cancellations.contains(where: \.isCancelled) || watch?.isInterrupted == true { return .cancelled }
        if let end, clock.now() >= end { return .timeout }
        return nil
    }

    /// Calls the program's function from time to time, on the thread of a call.
    private final class Watch: Sendable {
        private let interruption: Interruption
        private let thread = pthread_self()
        private let state: Guarded<(next: Int, isInterrupted: Bool)>

        init(_ interruption: Interruption, from now: Int) {
            self.interruption = interruption
            state = Guarded((now &+ longestPause, false))
        }

        var isInterrupted: Bool { state.withLock { $0.isInterrupted } }

        func ask(at now: () -> Int) {
            guard thread == pthread_self() else { return }
            let moment = now()
            let isDue = state.withLock { state in
                guard !state.isInterrupted, moment >= state.next else { return false }
                // Far away, so that a call of the library from within the function does not call it for this one.
                state.next = .max
                return true
            }
            guard isDue else { return }
            let isInterrupted = waiting { interruption.ask() }
            state.withLock { state in
                state.isInterrupted = isInterrupted
                state.next = now() &+ longestPause
            }
        }
    }
}

/// A function of the program that returns whether a call must end.
@safe
public struct Interruption: Sendable {
    private let function: @convention(c) (UnsafeMutableRawPointer?) -> Bool

    // Owned by the program, which keeps it for the life of the scope.
    private nonisolated(unsafe) let context: UnsafeMutableRawPointer?

    /// Wraps a function of C.
    public init(
        _ function: @escaping @convention(c) (UnsafeMutableRawPointer?) -> Bool,
        _ context: UnsafeMutableRawPointer?
    ) {
        unsafe self.function = function
        unsafe self.context = context
    }

    fileprivate func ask() -> Bool { unsafe function(context) }
}
