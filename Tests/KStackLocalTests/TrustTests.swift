import Foundation
import KStackAny
import Testing

@testable import KStackLocal
@testable import System

/// Whose files are trusted.
@Suite
struct TrustTests {
    private func status(owner: UInt32, mode: UInt32) -> FileStatus {
        var status = stat()
        status.st_uid = owner
        status.st_mode = S_IFREG | mode
        return FileStatus(status)
    }

    @Test(arguments: [
        (1000, 1000, true), (1000, 0, true), (1000, 1001, false), (1000, 65534, false), (0, 1000, true), (0, 0, true),
    ])
    func filesBelongToTheCallerOrRoot(user: UInt32, owner: UInt32, isTrusted: Bool) {
        let status = status(owner: owner, mode: 0o600)
        for error in [
            failure { try Trust(user: user).check(status, path: "/p") },
            failure { try Trust(user: user).checkPrivate(status, path: "/p") },
        ] {
            #expect((error == nil) == isTrusted)
            guard let error else { continue }
            #expect(error.code == .configuration)
            #expect(error.message.contains("/p is refused: it belongs to user \(owner)"))
            #expect(error.message.contains("neither you (\(user)) nor root"))
        }
    }

    @Test
    func withoutModesTheErrorNamesAnotherRemedy() {
        var trust = Trust(user: 1000)
        trust.fileSystemWithoutModes = { _ in "9p" }
        let written = failure { try trust.check(status(owner: 1000, mode: 0o777), path: "/p") }
        #expect(written?.message.contains("its file system (9p) keeps no modes") == true)
        #expect(written?.message.contains("umask=022") == true)
        #expect(written?.message.contains("run: chmod") == false)
        let read = failure { try trust.checkPrivate(status(owner: 1000, mode: 0o777), path: "/p") }
        #expect(read?.message.contains("KSTACK_AGE_KEY") == true)
        #expect(read?.message.contains("run: chmod") == false)
    }

    @Test
    func filesOfOthersHaveARemedyInContainers() {
        let error = failure { try Trust(user: 1000).check(status(owner: 1001, mode: 0o600), path: "/p") }
        #expect(error?.message.contains("run: sudo chown 1000 -- '/p' (in a container: run it as user 1001)") == true)
    }

    @Test
    func everyBitForOthersCounts() {
        for mode in UInt32(0)...0o777 {
            let status = status(owner: 1000, mode: mode)
            let strict = Trust(user: 1000) { _, _ in false }
            let written = failure { try strict.check(status, path: "/p") }
            #expect((written == nil) == (mode & 0o022 == 0))
            let shared = failure { try Trust(user: 1000) { _, _ in true }.check(status, path: "/p") }
            #expect((shared == nil) == (mode & 0o002 == 0))
            let read = failure { try Trust(user: 1000).checkPrivate(status, path: "/p") }
            #expect((read == nil) == (mode & 0o077 == 0))
            #expect(read?.message.contains("chmod 600 -- '/p'") ?? true)
        }
    }

    @Test
    func theSystemKnowsPrivateGroups() {
        // Root's group has root's name and no other members on every Debian; an unknown group is not private.
        #expect(Users.isPrivate(group: 0, of: 0))
        #expect(!Users.isPrivate(group: 1, of: 0))
        #expect(!Users.isPrivate(group: 0, of: 1))
        #expect(!Users.isPrivate(group: 4_000_000_000, of: 4_000_000_000))
    }

    @Test
    func modesAreCheckedForRootToo() {
        let status = status(owner: 0, mode: 0o666)
        #expect(failure { try Trust(user: 0).check(status, path: "/p") } != nil)
        #expect(failure { try Trust(user: 0).checkPrivate(status, path: "/p") } != nil)
    }

    @Test
    func filesOfSomebodyElseAreRefusedOnTheDisk() throws {
        let box = try Sandbox()
        try box.file(".kstack.yaml", "environment: dev\n")
        try box.folder("vault/dev/layer3")
        // Everybody trusts root's files; give them to somebody else where that is possible.
        let names = [".kstack.yaml", "vault", "vault/dev"]
        if geteuid() == 0 {
            #expect(try box.project(user: 12345).environment().text == "dev")
            guard names.allSatisfy({ chown(box.path($0), 54321, gid_t.max) == 0 }) else { return }
        }
        let stranger = try box.project(user: 12345)
        let refused = failure { _ = try stranger.environment() }
        #expect(refused?.code == .configuration)
        #expect(refused?.message.contains("neither you (12345) nor root") == true)
        try box.remove(".kstack.yaml")
        let vault = failure { _ = try VaultRoot(project: stranger) }
        #expect(vault?.code == .configuration)
        #expect(vault?.message.contains("\(box.path("vault")) is refused") == true)
    }
}
