import CHost

/// A value under a lock, which is held for moments only: never while a file is read or a key is derived.
///
/// All values of the process share one lock, which a fork waits for. `Synchronization.Mutex` is not: a child that is
/// forked while another thread holds one traps at the next use.
@safe
public final class Guarded<Value: ~Copyable>: @unchecked Sendable {
    private var value: Value

    /// Takes the first value.
    public init(_ value: consuming sending Value) {
        self.value = value
    }

    /// Runs `body` under the lock.
    public func withLock<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        chost_lock()
        defer { chost_unlock() }
        return try body(&value)
    }
}
