import Glibc

/// Calls a function every second while something runs.
public enum Ticker {
    /// The argument of the thread.
    private final class Parcel: Sendable {
        let descriptor: Int32
        let tick: @Sendable (Int) -> Void

        init(_ descriptor: Int32, _ tick: @escaping @Sendable (Int) -> Void) {
            self.descriptor = descriptor
            self.tick = tick
        }
    }

    /// Runs `body`, and calls `tick` with 1, 2, 3 … after that many seconds, on a thread that ends with `body`.
    ///
    /// Where no thread can be started, `body` runs without ticks.
    public static func run<Result, Failure: Error>(
        _ tick: @escaping @Sendable (Int) -> Void,
        during body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var ends: [Int32] = [0, 0]
        guard unsafe pipe(&ends) == 0 else { return try body() }
        let parcel = unsafe Unmanaged.passRetained(Parcel(ends[0], tick))
        var thread = pthread_t()
        let status = unsafe pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let parcel = unsafe Unmanaged<Parcel>.fromOpaque(argument).takeRetainedValue()
                var end = pollfd(fd: parcel.descriptor, events: Int16(POLLIN), revents: 0)
                var seconds = 0
                while unsafe poll(&end, 1, 1000) == 0 {
                    seconds += 1
                    parcel.tick(seconds)
                }
                return nil
            },
            parcel.toOpaque()
        )
        if status != 0 { unsafe parcel.release() }
        defer {
            _ = close(ends[1])
            if status == 0 { _ = pthread_join(thread, nil) }
            _ = close(ends[0])
        }
        return try body()
    }
}
