import Foundation
import KStackAny
import System
import Testing

@testable import KStackLocal

/// Identities from a pipe, and calls that end before all of them arrived.
@Suite
struct IdentityPipeTests {
    private let box: Sandbox
    private let key: Key

    init() throws {
        box = try Sandbox()
        key = try Key()
        try #require(mkfifo(box.path("keys"), 0o600) == 0)
        box.set("KSTACK_AGE_KEY_FILE", box.path("keys"))
    }

    /// Reads the identities as a call of a scope does.
    private func read(_ store: IdentityStore, within scope: Scope?) -> Result<[String], KStackError> {
        CallContext.run {
            do throws(KStackError) {
                try CallContext.enter(scope)
                return .success(try store.identities().recipients.map(\.bech32))
            } catch {
                return .failure(error)
            }
        }
    }

    @Test
    func aCallContinuesWhereAnEarlierOneStopped() throws {
        // Open for both, so that the pipe has a writer from the beginning.
        let writer = try #require(FileHandle(forUpdatingAtPath: box.path("keys")))
        let content = Data("# half\n\(key.secret)\n".utf8)
        let store = try box.identities()
        for part in [content.prefix(3), content.dropFirst(3).prefix(30)] {
            try writer.write(contentsOf: part)
            guard case .failure(let error) = read(store, within: Scope(timeout: 60)) else {
                Issue.record("half of the identities were enough")
                return
            }
            #expect(error.code == .timeout)
            #expect(error.message.contains(box.path("keys")))
        }
        try writer.write(contentsOf: content.dropFirst(33))
        try writer.close()
        #expect(try read(store, within: nil).get() == [key.recipient.bech32])
        #expect(try read(store, within: nil).get() == [key.recipient.bech32])
    }

    @Test
    func anotherPipeInItsPlaceIsReadFromItsBeginning() throws {
        let first = try #require(FileHandle(forUpdatingAtPath: box.path("keys")))
        try first.write(contentsOf: Data("garbage of the first".utf8))
        let store = try box.identities()
        guard case .failure = read(store, within: Scope(timeout: 60)) else {
            Issue.record("a pipe whose writer is there has ended")
            return
        }
        try box.remove("keys")
        try #require(mkfifo(box.path("keys"), 0o600) == 0)
        let second = try #require(FileHandle(forUpdatingAtPath: box.path("keys")))
        try second.write(contentsOf: Data("\(key.secret)\n".utf8))
        Thread {
            usleep(100_000)
            try? second.close()
        }.start()
        #expect(try read(store, within: nil).get() == [key.recipient.bech32])
    }

    @Test(arguments: [true, false])
    func aWaitForAnotherThreadThatReadsEndsWithItsScope(isCancelled: Bool) throws {
        let writer = try #require(FileHandle(forUpdatingAtPath: box.path("keys")))
        let store = try box.identities()
        let hasRead = DispatchSemaphore(value: 0)
        Thread {
            _ = read(store, within: nil)
            hasRead.signal()
        }.start()
        // When it has read these bytes, it has the turn.
        try writer.write(contentsOf: Data("#\n".utf8))
        var waiting: Int32 = 2
        while waiting > 0 {
            usleep(1000)
            try #require(ioctl(writer.fileDescriptor, UInt(FIONREAD), &waiting) == 0)
        }
        let begin = MonotonicClock.system.now()
        let end = UnsafeMutablePointer<Int>.allocate(capacity: 1)
        defer { end.deallocate() }
        end.pointee = begin + 100
        let isOver = Interruption({ $0.map { MonotonicClock.system.now() >= $0.load(as: Int.self) } ?? true }, end)
        let scope = isCancelled ? Scope(interruption: isOver) : Scope(timeout: 100)
        guard case .failure(let error) = read(store, within: scope) else {
            Issue.record("nobody wrote identities")
            return
        }
        // 100 ms until it ends and 50 ms until that is seen; the rest is for a busy machine. The reader waits for
        // minutes.
        #expect((90..<5000).contains(MonotonicClock.system.now() - begin))
        #expect(error.code == (isCancelled ? .cancelled : .timeout))
        #expect(error.message.contains("another thread"))
        try writer.write(contentsOf: Data("\(key.secret)\n".utf8))
        try writer.close()
        hasRead.wait()
        #expect(try read(store, within: nil).get() == [key.recipient.bech32])
    }
}
