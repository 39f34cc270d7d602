import Foundation
import Synchronization
import System
import Testing

/// The lock on a folder.
@Suite
struct LockTests {
    /// What the other thread did.
    private final class Progress: Sendable {
        let hasLock = Atomic(false)
        let hasBegun = DispatchSemaphore(value: 0)
        let isDone = DispatchSemaphore(value: 0)
    }

    @Test
    func keepsAnotherThreadOutUntilItEnds() throws {
        let scratch = try Scratch()
        let progress = Progress()
        let folder = try Directory.open(path: scratch.path)
        let lock = try folder.lock()
        Thread.detachNewThread {
            progress.hasBegun.signal()
            let own = try? Directory.open(path: scratch.path).lock()
            progress.hasLock.store(own != nil, ordering: .sequentiallyConsistent)
            progress.isDone.signal()
        }
        progress.hasBegun.wait()
        #expect(progress.isDone.wait(timeout: .now() + .milliseconds(200)) == .timedOut)
        _ = consume lock
        #expect(progress.isDone.wait(timeout: .now() + .seconds(30)) == .success)
        let hasLock = progress.hasLock.load(ordering: .sequentiallyConsistent)
        #expect(hasLock)
    }

    @Test
    func isPerDescriptionNotPerFolderObject() throws {
        let scratch = try Scratch()
        let folder = try Directory.open(path: scratch.path)
        let progress = Progress()
        let lock = try folder.lock()
        // Closing another descriptor of the folder does not release it.
        _ = try Directory.open(path: scratch.path)
        _ = try folder.names()
        Thread.detachNewThread {
            _ = try? Directory.open(path: scratch.path).lock()
            progress.isDone.signal()
        }
        #expect(progress.isDone.wait(timeout: .now() + .milliseconds(200)) == .timedOut)
        _ = consume lock
        #expect(progress.isDone.wait(timeout: .now() + .seconds(30)) == .success)
    }

    @Test
    func onePersonLocksOneAfterTheOther() async throws {
        let scratch = try Scratch()
        let inside = Mutex((now: 0, most: 0, total: 0))
        let path = scratch.path
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            for _ in 0..<20 {
                guard let lock = try? Directory.open(path: path).lock() else { return }
                inside.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1), $0.total + 1) }
                inside.withLock { $0.now -= 1 }
                _ = consume lock
            }
        }
        #expect(inside.withLock { $0.most } == 1)
        #expect(inside.withLock { $0.total } == 160)
    }

    @Test
    func locksOfTwoFoldersAreTwo() throws {
        let one = try Scratch()
        let two = try Scratch()
        let first = try Directory.open(path: one.path).lock()
        let second = try Directory.open(path: two.path).lock()
        _ = consume first
        _ = consume second
    }
}
