import Glibc
import Sodium

/// Lets one thread at a time do something slow, such as deriving a key from a passphrase.
///
/// A forked child does not inherit the turn of another thread. Forks may happen during a wait for the turn.
public final class Turn: Sendable {
    /// The process whose thread has the turn; 0 for none.
    private let holder = Guarded<pid_t>(0)

    /// Makes a turn that no thread has.
    public init() {}

    /// Waits for the turn and runs `body`, which must not take the turn again.
    ///
    /// - Parameter ended: the error where the scope of this thread ends before it has the turn.
    public func take<Result, Failure: Error>(
        orThrow ended: (Stop) -> Failure,
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let process = getpid()
        while true {
            let isMine = holder.withLock { holder in
                if holder == process { return false }
                holder = process
                return true
            }
            if isMine { break }
            if let stop = Scope.currentStop { throw ended(stop) }
            MonotonicClock.system.sleep(1)
        }
        defer { holder.withLock { $0 = 0 } }
        return try body()
    }
}
