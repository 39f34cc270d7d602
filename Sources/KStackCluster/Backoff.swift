import KStackAny
import Sodium
import System

/// The time that a call has, and its waits between attempts.
struct Backoff {
    /// The first wait in milliseconds; each further one may be twice as long.
    private static let firstWait = 100

    /// What an attempt needs at the least, in milliseconds.
    private static let leastTime = 50

    /// The longest wait that is not asked for by the server.
    private static let longestWait = 2000

    /// The waits after a 403 of a server that may have just started, in milliseconds.
    private static let waitsForPermission = [300, 1000]

    private let clock: MonotonicClock
    private let start: Int
    private let end: Int
    private var waits = 0
    private var waitsForPermission = 0

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

    /// Waits before another attempt: as long as the server asks for, and then a little longer each time.
    ///
    /// - Returns: false, without a wait, where no time would be left.
    mutating func wait(retryAfter: Int?) -> Bool {
        let longest = min(Backoff.longestWait, Backoff.firstWait << min(waits, 5))
        // Between half and all of it, so that the pods that failed together do not come back together: also those that
        // got the same `Retry-After`.
        let backOff = longest / 2 + Backoff.random(below: longest / 2 + 1)
        let asked = max(retryAfter ?? 0, 0).multipliedReportingOverflow(by: 1000)
        let remaining = remaining
        guard !asked.overflow, asked.partialValue < remaining else { return false }
        // Cut to what is left, with some time for the attempt that follows.
        let rest = remaining - asked.partialValue - Backoff.leastTime
        guard rest > 0 else { return false }
        clock.wait(asked.partialValue + min(backOff, rest))
        waits += 1
        return true
    }

    /// Waits before another attempt of what was not permitted: a server that has just started permits nothing for a
    /// moment.
    mutating func waitForPermission() -> Bool {
        guard waitsForPermission < Backoff.waitsForPermission.count else { return false }
        let wait = Backoff.waitsForPermission[waitsForPermission]
        guard wait < remaining else { return false }
        clock.wait(wait)
        waits += 1
        waitsForPermission += 1
        return true
    }

    private static func random(below limit: Int) -> Int {
        guard let bytes = try? Random.bytes(count: 2) else { return 0 }
        return bytes.reduce(0) { $0 << 8 | Int($1) } % max(limit, 1)
    }
}
