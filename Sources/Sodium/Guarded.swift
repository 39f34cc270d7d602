import CHost

/// A value that threads change one at a time, for moments only: never while a file is read or a key is made.
///
/// All values of the process share one lock, which a fork waits for. `Synchronization.Mutex` does not: a child that was
/// forked while another thread held one ends with a trap at the next use.
@safe
public final class Guarded<Value: ~Copyable>: @unchecked Sendable {
    private var value: Value

    /// Takes the first value.
    public init(_ value: consuming sending Value) {
        self.value = value
    }

    /// Runs `body` while no other thread of the process is in such a body.
    public func withLock<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        chost_lock()
        defer { chost_unlock() }
        return try body(&value)
    }
}
