import CHost
import Glibc
public import Sodium

/// Does independent pieces of work on all processors; no thread is left when it returns.
public enum Workers {
    /// More threads than that wait for the disk, not for processors.
    private static let greatestCount = 8

    /// The results of `body` for 0 up to `count`, in that order; none is nil.
    ///
    /// The pieces are taken one after another by as many threads as there are processors, this one among them. The new
    /// threads block all signals: those are for the threads of the host.
    public static func map<Result: Sendable>(
        count: Int,
        _ body: @escaping @Sendable (Int) -> Result
    ) throws(SodiumError) -> FallibleArray<Result?> {
        let work = try Work(count: count, body: body)
        let threads = min(processors, count, greatestCount) - 1
        let others = threads > 0 ? start(threads, work) : []
        work.run()
        for other in others { join(other) }
        return work.results.withLock { $0 }
    }

    /// Waits for the end of a thread, and goes on asking the program meanwhile, which only this thread can.
    private static func join(_ thread: pthread_t) {
        while !chost_join(thread, Int32(Scope.longestPause)) { _ = Scope.currentStop }
    }

    /// What the threads share.
    private final class Work<Result: Sendable>: Runnable {
        let body: @Sendable (Int) -> Result
        let object: SendableObject
        let next = Guarded(0)
        let results: Guarded<FallibleArray<Result?>>

        init(count: Int, body: @escaping @Sendable (Int) -> Result) throws(SodiumError) {
            self.body = body
            object = SendableObject(object: ThreadObject.current)
            results = Guarded(try FallibleArray(repeating: nil, count: count))
        }

        /// Takes pieces until there are none, for the thread that started the work.
        func run() {
            ThreadObject.with(object.object) { takePieces() }
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

    /// The object of the thread that started the work, which outlives the work and is made for threads.
    private struct SendableObject: @unchecked Sendable {
        let object: AnyObject?
    }

    /// What a thread runs, whatever its results are.
    private protocol Runnable: AnyObject, Sendable {
        func run()
    }

    /// Carries the work to a thread.
    private final class Parcel: Sendable {
        let work: any Runnable

        init(_ work: any Runnable) {
            self.work = work
        }
    }

    /// How many processors this process may use.
    private static var processors: Int {
        max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    }

    /// Starts threads; fewer, where the system gives no more.
    private static func start(_ count: Int, _ work: any Runnable) -> [pthread_t] {
        var all = sigset_t()
        var before = sigset_t()
        _ = unsafe sigfillset(&all)
        _ = unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { _ = unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
        var threads: [pthread_t] = []
        for _ in 0..<count {
            let parcel = unsafe Unmanaged.passRetained(Parcel(work))
            var thread = pthread_t()
            let status = unsafe pthread_create(
                &thread,
                nil,
                { argument in
                    guard let argument = unsafe argument else { return nil }
                    unsafe Unmanaged<Parcel>.fromOpaque(argument).takeRetainedValue().work.run()
                    // glibc keeps the stack of a thread that ended for the next one.
                    Residue.wipeCall()
                    return nil
                },
                parcel.toOpaque()
            )
            guard status == 0 else {
                unsafe parcel.release()
                break
            }
            threads.append(thread)
        }
        return threads
    }
}
