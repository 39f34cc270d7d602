import CHost
import Glibc
public import Sodium

/// Does independent pieces of work on all processors; no thread is left when it returns.
public enum Workers {
    /// How many threads there are at most, and for work that waits for the disk, where several can wait together.
    private static let greatestCount = 8

    /// The results of `body` for 0 up to `count`, in that order, none of them nil.
    ///
    /// As many threads as there are processors take the pieces in turn, this thread among them; with one processor, only
    /// this thread.
    ///
    /// - Parameter isForDisk: whether the pieces wait for the disk most of the time, and may have more threads.
    public static func map<Result: Sendable>(
        count: Int,
        isForDisk: Bool = false,
        _ body: @escaping @Sendable (Int) -> Result
    ) throws(SodiumError) -> FallibleArray<Result?> {
        let work = try Work(count: count, body: body)
        let parcel = Parcel(work)
        let processors = Int(chost_processors())
        let most = isForDisk && processors > 1 ? greatestCount : min(processors, greatestCount)
        let threads = max(min(most, count) - 1, 0)
        // Before they start, since one may have ended by the time that all have.
        work.count(threads)
        let others = threads > 0 ? start(threads, parcel) : []
        work.count(others.count - threads)
        work.run()
        for other in others { join(other) }
        withExtendedLifetime(parcel) {}
        return work.results.withLock { $0 }
    }

    /// Waits for the end of a thread, and meanwhile calls the program's function of the scope, which only this thread
    /// may.
    private static func join(_ thread: pthread_t) {
        while !chost_join(thread, Int32(Scope.longestPause)) { _ = Scope.currentStop }
    }

    /// What the threads share.
    private final class Work<Result: Sendable>: Runnable {
        let body: @Sendable (Int) -> Result
        let context: CallContext?
        let next = Guarded(0)
        let results: Guarded<FallibleArray<Result?>>

        /// How many threads count as busy: all but the last, to which those that have ended leave their processors.
        private let busy = Guarded(0)

        init(count: Int, body: @escaping @Sendable (Int) -> Result) throws(SodiumError) {
            self.body = body
            context = CallContext.current
            results = Guarded(try FallibleArray(repeating: nil, count: count))
        }

        /// Does pieces until there are none, for the thread that started the work.
        func run() {
            CallContext.with(context) { takePieces() }
            let isLast = busy.withLock { busy in
                guard busy > 0 else { return true }
                busy -= 1
                return false
            }
            if !isLast { chost_occupy(-1) }
        }

        /// Counts more threads, or fewer, as busy.
        func count(_ threads: Int) {
            busy.withLock { $0 += threads }
            chost_occupy(Int32(threads))
        }

        private func takePieces() {
            let count = results.withLock { $0.count }
            while true {
                let index = next.withLock { next in
                    next += 1
                    return next - 1
                }
                guard index < count else { return }
                let result = body(index)
                // There is room, and nobody else has a copy: this cannot fail.
                results.withLock { _ = try? $0.replace(at: index, with: result) }
            }
        }
    }

    /// The work of a thread, whatever its results are.
    private protocol Runnable: AnyObject, Sendable {
        func run()
    }

    /// Carries the work to the threads.
    private final class Parcel: Sendable {
        let work: any Runnable

        init(_ work: any Runnable) {
            self.work = work
        }
    }

    /// Starts threads; fewer where the system refuses more.
    ///
    /// The parcel must live until the last has ended.
    private static func start(_ count: Int, _ parcel: Parcel) -> [pthread_t] {
        var threads = [pthread_t](repeating: pthread_t(), count: count)
        let started = unsafe chost_start(
            Int32(count),
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<Parcel>.fromOpaque(argument).takeUnretainedValue().work.run()
                // glibc keeps the stack of a thread that ended for the next one.
                Residue.wipeCall()
                return nil
            },
            Unmanaged.passUnretained(parcel).toOpaque(),
            &threads
        )
        return Array(threads.prefix(Int(started)))
    }
}
