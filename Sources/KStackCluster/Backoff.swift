import KStackAny
import Sodium
import System

/// The time of a call, and its waits between attempts.
struct Backoff {
    /// How long the first wait may be, in milliseconds; each further one may be twice as long.
    private static let firstWait = 800

    /// The least time for an attempt, in milliseconds.
    private static let leastTime = 50

    /// The longest wait that the server does not ask for, in milliseconds.
    private static let longestWait = 2000

    /// The minimum waits after a 403 of a server that may have just started, in milliseconds; each may be twice as
    /// long.
    private static let waitsForPermission = [300, 1000]

    private let clock: MonotonicClock
    private let start: Int
    private let end: Int
    private var waits = 0
    private var waitsForPermission = 0
    private var isLast = false

    /// Begins a request within the time of its call, which the first request of a call starts.
    init(clock: MonotonicClock, timeout: Int) {
        self.clock = clock
        start = clock.now()
        let end = min(start + timeout, Scope.current?.end ?? Int.max)
        self.end = CallContext.current?.end(orFirst: end) ?? end
    }

    /// How many attempts there were, the present one included.
    var attempts: Int { waits + 1 }

    /// How many milliseconds are left; 0 at the end.
    var remaining: Int { max(0, end - clock.now()) }

    /// How many milliseconds the request has taken so far.
    var elapsed: Int { clock.now() - start }

    /// Waits before another attempt: as long as the server asks for, plus a random time up to a limit that grows.
    ///
    /// Random, so that pods that failed together do not retry together; the limit is at least as long as what the
    /// server asked for, since it sends the same `Retry-After` to all of them.
    ///
    /// - Returns: false, without a wait, where no time would be left.
    mutating func wait(retryAfter: Int?) -> Bool {
        let (asked, overflow) = max(retryAfter ?? 0, 0).multipliedReportingOverflow(by: 1000)
        let remaining = remaining
        guard !isLast, !overflow, asked < remaining else { return false }
        // Leaves time for the attempt that follows.
        let rest = remaining - asked - Backoff.leastTime
        guard rest > 0 else { return false }
        let longest = max(asked, min(Backoff.longestWait, Backoff.firstWait << min(waits, 5)))
        // One last wait, spread over the time left: ever shorter waits would crowd at the deadline.
        isLast = longest > rest
        clock.wait(asked + Backoff.random(to: min(longest, rest)))
        waits += 1
        return true
    }

    /// Waits before another attempt after a 403: a server that has just started permits nothing for a moment.
    mutating func waitForPermission() -> Bool {
        guard waitsForPermission < Backoff.waitsForPermission.count else { return false }
        let least = Backoff.waitsForPermission[waitsForPermission]
        let wait = least + Backoff.random(to: least)
        guard wait < remaining else { return false }
        clock.wait(wait)
        waits += 1
        waitsForPermission += 1
        return true
    }

    /// A number from 0 to a limit.
    private static func random(to limit: Int) -> Int {
        guard let bytes = try? Random.bytes(count: 4) else { return 0 }
        return bytes.reduce(0) { $0 << 8 | Int($1) } % (limit + 1)
    }
}
