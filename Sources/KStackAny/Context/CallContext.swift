import Sodium
public import System

/// The state of one call from the host, shared by the threads that work for it: its log lines, and how long it may
/// wait.
///
/// Lines are kept until no lock is held: the host's log function may call the library, too. They reach the host on the
/// thread of the call.
public final class CallContext: Sendable, ScopeHolder {
    private let lines = Guarded<FallibleArray<@Sendable () -> Void>>(FallibleArray())
    private let end = Guarded<Int?>(nil)
    private let entered = Guarded<Scope?>(nil)

    /// The call that this thread works for; nil outside of one.
    public static var current: CallContext? { ThreadObject.current as? CallContext }

    /// Runs a call, and then delivers the lines that it wrote.
    public static func run<Result, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let context = CallContext()
        defer { context.deliver() }
        return try ThreadObject.with(context, body)
    }

    /// The scope of the call; nil for none.
    public var scope: Scope? { entered.withLock { $0 } }

    /// Makes the scope of an object that of the call.
    ///
    /// - Throws: `timeout` or `cancelled` where the scope has ended.
    public static func enter(_ scope: Scope?) throws(KStackError) {
        guard let scope = scope?.ofCall() else { return }
        current?.entered.withLock { $0 = scope }
        if let stop = scope.stop { throw KStackError(ended: stop, "nothing was done") }
    }

    /// When the call must stop waiting: its first wait sets the time, and all others share what is left.
    public func end(orFirst proposed: Int) -> Int {
        end.withLock { end in
            if let end { return end }
            end = proposed
            return proposed
        }
    }

    func add(_ line: @escaping @Sendable () -> Void) {
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
