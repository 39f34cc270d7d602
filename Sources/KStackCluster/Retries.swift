import Sodium
import System

/// The time that a call has, and its waits between attempts.
struct Retries {
    /// The first wait in milliseconds; each further one may be twice as long.
    private static let firstWait = 100

    /// The longest wait that is not asked for by the server.
    private static let longestWait = 2000

    private let clock: MonotonicClock
    private let start: Int
    private let timeout: Int
    private var waits = 0

    /// Starts the time of a call.
    init(clock: MonotonicClock, timeout: Int) {
        self.clock = clock
        self.timeout = timeout
        start = clock.now()
    }

    /// How many attempts there were, the present one included.
    var attempts: Int { waits + 1 }

    /// How many milliseconds are left; 0 at the end.
    var remaining: Int { max(0, timeout - (clock.now() - start)) }

    /// Waits before another attempt: as long as the server asks for, and then a little longer each time.
    ///
    /// - Returns: false, without a wait, where no time would be left.
    mutating func wait(retryAfter: Int?) -> Bool {
        let longest = min(Retries.longestWait, Retries.firstWait << min(waits, 5))
        // Between half and all of it, so that the pods that failed together do not come back together: also those that
        // were told the same time.
        let backOff = longest / 2 + Retries.random(below: longest / 2 + 1)
        let asked = max(retryAfter ?? 0, 0).multipliedReportingOverflow(by: 1000)
        let remaining = remaining
        guard !asked.overflow, asked.partialValue < remaining, backOff < remaining - asked.partialValue else {
            return false
        }
        let wait = asked.partialValue + backOff
        clock.sleep(wait)
        waits += 1
        return true
    }

    private static func random(below limit: Int) -> Int {
        guard let bytes = try? Random.bytes(count: 2) else { return 0 }
        return bytes.reduce(0) { $0 << 8 | Int($1) } % max(limit, 1)
    }
}
