import CCurl
import Sodium
import System

/// Handles of libcurl between calls, each with a connection that is kept alive.
///
/// A forked child does not use its parent's connections, but makes its own.
@safe
final class HandlePool: Sendable {
    /// The idle handles.
    private struct Idle {
        /// The process that made the handles.
        var process: Int32

        /// As addresses, since a pointer cannot be shared between threads.
        var handles: [UInt] = []
    }

    /// How many idle handles are kept.
    private static let greatestCount = 8

    private let idle = Guarded(Idle(process: ProcessEnvironment.process))

    deinit {
        let process = ProcessEnvironment.process
        let left = idle.withLock { idle in
            defer { idle.handles = [] }
            return idle
        }
        for address in left.handles {
            guard let handle = unsafe OpaquePointer(bitPattern: address) else { continue }
            if left.process == process { unsafe ccurl_close(handle) } else { unsafe ccurl_abandon(handle) }
        }
    }

    /// Runs a transfer with a handle of its own; the one used last comes first, since its connection is the freshest.
    func withHandle<Result: ~Copyable>(
        _ body: (OpaquePointer) throws(TransportFailure) -> Result
    ) throws(TransportFailure) -> Result {
        let handle = unsafe try take()
        defer { unsafe giveBack(handle) }
        return unsafe try body(handle)
    }

    private func take() throws(TransportFailure) -> OpaquePointer {
        let process = ProcessEnvironment.process
        let (own, inherited) = idle.withLock { idle -> (UInt?, [UInt]) in
            if idle.process == process { return (idle.handles.popLast(), []) }
            defer { idle = Idle(process: process) }
            return (nil, idle.handles)
        }
        for address in inherited {
            if let handle = unsafe OpaquePointer(bitPattern: address) { unsafe ccurl_abandon(handle) }
        }
        if let own, let handle = unsafe OpaquePointer(bitPattern: own) {
            // Another file has the number of its socket by now: the handle is left as it is.
            if unsafe ccurl_is_intact(handle) { return unsafe handle }
        }
        switch ccurl_load() {
        case CCURL_LOADED: break
        case CCURL_ABSENT: throw .noLibrary
        default: throw .unfitLibrary
        }
        guard let handle = unsafe ccurl_open() else { throw .outOfMemory }
        return unsafe handle
    }

    private func giveBack(_ handle: OpaquePointer) {
        let address = UInt(bitPattern: handle)
        let isKept = idle.withLock { idle in
            guard idle.handles.count < HandlePool.greatestCount else { return false }
            idle.handles.append(address)
            return true
        }
        if !isKept { unsafe ccurl_close(handle) }
    }
}
