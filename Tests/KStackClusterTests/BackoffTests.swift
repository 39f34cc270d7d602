import Synchronization
import System
import Testing

@testable import KStackCluster

/// How 5,000 clients that failed at the same moment retry, on a clock that only their waits move.
@Suite
struct BackoffTests {
    private static let count = 5000

    /// When each client asks again.
    ///
    /// - Parameters:
    ///   - timeout: the time of a call.
    ///   - outage: how long the server answers 429, from the start.
    ///   - retryAfter: its Retry-After for a client at an attempt.
    private func retries(timeout: Int, outage: Int, retryAfter: (_ client: Int, _ attempt: Int) -> Int?) -> [Int] {
        var times: [Int] = []
        for client in 0..<Self.count {
            let time = Mutex(0)
            let clock = MonotonicClock(
                now: { time.withLock { $0 } },
                sleep: { wait in time.withLock { $0 += wait } }
            )
            var backoff = Backoff(clock: clock, timeout: timeout)
            while clock.now() < outage, backoff.wait(retryAfter: retryAfter(client, backoff.attempts)) {
                times.append(clock.now())
            }
        }
        return times
    }

    /// The fullest 100 ms between the first retry and the last, as a multiple of the mean.
    private func peak(of times: [Int]) throws -> Double {
        let first = try #require(times.min())
        let last = try #require(times.max())
        var windows = Array(repeating: 0, count: (last - first) / 100 + 1)
        for time in times { windows[(time - first) / 100] += 1 }
        return Double(windows.max() ?? 0) / (Double(times.count) / Double(windows.count))
    }

    @Test(arguments: [5000, 60_000])
    func retriesAreSpread(timeout: Int) throws {
        let rules: [(String, (Int, Int) -> Int?)] = [
            ("503", { _, _ in nil }),
            ("429", { _, _ in 1 }),
            ("429 for one half", { client, _ in client % 2 == 0 ? 1 : nil }),
            ("both by turns", { client, attempt in (client + attempt) % 2 == 0 ? 1 : nil }),
        ]
        for (name, rule) in rules {
            let peak = try peak(of: retries(timeout: timeout, outage: 2000, retryAfter: rule))
            #expect(peak <= 3, "\(name): \(peak)")
        }
    }

    /// A server that is away for longer than a call lasts sees no crowd at the deadline.
    @Test
    func noCrowdComesAtTheDeadline() throws {
        let times = retries(timeout: 5000, outage: .max) { _, _ in nil }
        #expect(times.allSatisfy { $0 <= 4950 })
        #expect(try peak(of: times) <= 3)
    }

    @Test
    func allAreServedAfterTwoSeconds() {
        var served = 0
        for client in 0..<Self.count {
            let time = Mutex(0)
            let clock = MonotonicClock(
                now: { time.withLock { $0 } },
                sleep: { wait in time.withLock { $0 += wait } }
            )
            var backoff = Backoff(clock: clock, timeout: 5000)
            while clock.now() < 2000, backoff.wait(retryAfter: client % 2 == 0 ? 1 : nil) {}
            if clock.now() >= 2000 { served += 1 }
        }
        #expect(served == Self.count)
    }
}
