import Glibc

/// Time that only goes forward, as a value, so that tests can use their own.
public struct MonotonicClock: Sendable {
    /// Milliseconds since a fixed moment in the past.
    public let now: @Sendable () -> Int

    /// Waits for a number of milliseconds.
    public let sleep: @Sendable (Int) -> Void

    /// Makes the clock of a test.
    public init(now: @escaping @Sendable () -> Int, sleep: @escaping @Sendable (Int) -> Void) {
        self.now = now
        self.sleep = sleep
    }

    /// The system's clock.
    public static let system = MonotonicClock(
        now: { milliseconds() },
        sleep: { duration in
            // A signal may end a wait early.
            let end = milliseconds() &+ max(duration, 0)
            waiting {
                while true {
                    let rest = end &- milliseconds()
                    guard rest > 0 else { return }
                    var time = timespec(tv_sec: rest / 1000, tv_nsec: rest % 1000 * 1_000_000)
                    _ = unsafe nanosleep(&time, nil)
                }
            }
        }
    )

    /// Waits for a number of milliseconds, or until the scope of this thread ends.
    public func wait(_ duration: Int) {
        guard let scope = Scope.current else { return sleep(duration) }
        var rest = duration
        while rest > 0, scope.stop == nil {
            sleep(min(rest, Scope.longestPause))
            rest -= Scope.longestPause
        }
    }

    private static func milliseconds() -> Int {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec &* 1000 &+ time.tv_nsec / 1_000_000
    }
}
