import CHost

/// A flag that the program sets once, from any thread, to end waits.
@safe
public final class Cancellation: Sendable {
    // Counted and atomic in C.
    private nonisolated(unsafe) let flag: OpaquePointer

    /// Shares a flag of CHost.
    public init(sharing flag: OpaquePointer) {
        unsafe chost_cancellation_keep(flag)
        unsafe self.flag = flag
    }

    deinit {
        unsafe chost_cancellation_release(flag)
    }

    /// Whether the flag is set.
    public var isCancelled: Bool { unsafe chost_is_cancelled(flag) }
}
