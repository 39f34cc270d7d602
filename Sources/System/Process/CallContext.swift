import CHost
import Sodium

/// The state of one call from the host, shared by the threads that work for it: its log lines, and how long it may
/// wait.
///
/// Lines are kept until no lock is held: the host's log function may call the library, too. They reach the host on the
/// thread of the call.
public final class CallContext: Sendable {
    private let lines = Guarded<FallibleArray<@Sendable () -> Void>>(FallibleArray())
    private let end = Guarded<Int?>(nil)
    private let entered = Guarded<Scope?>(nil)

    /// The call that this thread works for; nil outside of one.
    public static var current: CallContext? {
        guard let address = unsafe chost_call_context() else { return nil }
        return unsafe Unmanaged<CallContext>.fromOpaque(address).takeUnretainedValue()
    }

    /// Runs a call, and then delivers the lines that it wrote.
    public static func run<Result, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let context = CallContext()
        defer { context.deliver() }
        return try with(context, body)
    }

    /// Runs `body` on this thread for a call that another thread began; nil for none.
    static func with<Result, Failure: Error>(
        _ context: CallContext?,
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let before = unsafe chost_call_context()
        unsafe chost_set_call_context(context.map { unsafe Unmanaged.passUnretained($0).toOpaque() })
        defer { unsafe chost_set_call_context(before) }
        return try withExtendedLifetime(context) { () throws(Failure) in try body() }
    }

    /// The scope of the call; nil for none.
    public var scope: Scope? { entered.withLock { $0 } }

    /// Sets the scope of the call.
    public func set(_ scope: Scope) {
        entered.withLock { $0 = scope }
    }

    /// When the call must stop waiting: its first wait sets the time, and all others share what is left.
    public func end(orFirst proposed: Int) -> Int {
        end.withLock { end in
            if let end { return end }
            end = proposed
            return proposed
        }
    }

    /// Keeps a line until the call ends.
    public func add(_ line: @escaping @Sendable () -> Void) {
        // Without memory the line is lost, and the call continues.
        lines.withLock { _ = try? $0.append(line) }
    }

    private func deliver() {
        let delivered = lines.withLock { lines in
            defer { lines = FallibleArray() }
            return lines
        }
        if !delivered.isEmpty { waiting { for line in delivered { line() } } }
    }
}
