import Foundation
import KStackAny
import Synchronization
import TestSupport
import Testing

@testable import KStackLocal

/// Files of identities.
@Suite
struct IdentityFileTests {
    private let box: Sandbox
    private let key: Key

    init() throws {
        box = try Sandbox()
        key = try Key()
        box.set("KSTACK_AGE_KEY_FILE", box.path("keys.txt"))
    }

    @Test(arguments: [0o640, 0o604, 0o620, 0o644, 0o666, 0o610, 0o701])
    func aFileThatOthersMayUseIsRefused(mode: UInt32) throws {
        try box.file("keys.txt", key.secret, mode: mode)
        let error = failure { _ = try box.identities().identities() }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("chmod 600 -- '\(box.path("keys.txt"))'") == true)
        #expect(error?.message.contains(key.secret) == false)
    }

    @Test(arguments: [0o600, 0o400, 0o700])
    func aFileOfTheUserIsAccepted(mode: UInt32) throws {
        try box.file("keys.txt", key.secret, mode: mode)
        #expect(try box.identities().identities().recipients == [key.recipient])
    }

    @Test
    func aLinkThatTheUserNamedIsFollowed() throws {
        try box.file("real.txt", key.secret)
        try box.link("keys.txt", to: "real.txt")
        #expect(try box.identities().identities().recipients == [key.recipient])
        try box.mode("real.txt", 0o644)
        #expect(failure { _ = try box.identities().identities() }?.code == .configuration)
    }

    @Test
    func identitiesAreKeptUntilTheFileChanges() throws {
        try box.file("keys.txt", key.secret)
        let store = try box.identities()
        let first = try store.identities()
        #expect(try store.identities() === first)
        let other = try Key()
        try box.file("keys.txt", other.secret)
        #expect(try store.identities().recipients == [other.recipient])
        try box.file("keys.txt", canary)
        #expect(failure { _ = try store.identities() }?.code == .configuration)
        try box.remove("keys.txt")
        #expect(failure { _ = try store.identities() }?.code == .configuration)
        try box.file("keys.txt", key.secret)
        #expect(try store.identities().recipients == [key.recipient])
    }

    @Test
    func anEncryptedFileIsUnlockedOnce() throws {
        try box.file("keys.txt", encrypt(key.secret, passphrase: "pass one"))
        box.set("KSTACK_AGE_PASSPHRASE", "pass one")
        let store = try box.identities()
        let first = try store.identities()
        #expect(first.recipients == [key.recipient])
        // The passphrase is not needed again, …
        box.set("KSTACK_AGE_PASSPHRASE", nil)
        #expect(try store.identities() === first)
        // … until the file changes.
        let other = try Key()
        try box.file("keys.txt", encrypt(other.secret, passphrase: "pass two"))
        #expect(failure { _ = try store.identities() }?.code == .vault)
        box.set("KSTACK_AGE_PASSPHRASE", "pass two")
        #expect(try store.identities().recipients == [other.recipient])
    }

    @Test
    func manyThreadsGetTheSameIdentities() throws {
        try box.file("keys.txt", encrypt(key.secret, passphrase: "pass"))
        let store = try box.identities(passphrase: "pass")
        let found = Mutex<[ObjectIdentifier]>([])
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            guard let identities = try? store.identities() else { return }
            found.withLock { $0.append(ObjectIdentifier(identities)) }
        }
        #expect(found.withLock { $0.count } == 8)
        #expect(found.withLock { Set($0).count } == 1)
    }

    @Test
    func theOptionComesBeforeTheVariable() throws {
        try box.file("keys.txt", encrypt(key.secret, passphrase: "right"))
        box.set("KSTACK_AGE_PASSPHRASE", canary)
        #expect(try box.identities(passphrase: "right").identities().recipients == [key.recipient])
        let error = failure { _ = try box.identities().identities() }
        #expect(error?.code == .vault)
        #expect(error?.message.contains("the passphrase does not open") == true)
        box.set("KSTACK_AGE_PASSPHRASE", "right")
        #expect(failure { _ = try box.identities(passphrase: canary).identities() }?.code == .vault)
    }

    @Test
    func aMissingPassphraseIsAskedFor() throws {
        try box.file("keys.txt", encrypt(key.secret, passphrase: "right"))
        box.set("KSTACK_AGE_PASSPHRASE", "")
        let error = failure { _ = try box.identities().identities() }
        #expect(error?.code == .vault)
        #expect(error?.message.contains("KSTACK_AGE_PASSPHRASE") == true)
        #expect(error?.message.contains(box.path("keys.txt")) == true)
    }

    @Test
    func otherEncryptedFilesAreRefused() throws {
        try box.file("keys.txt", key.encrypt(key.secret))
        let recipient = failure { _ = try box.identities(passphrase: "pass").identities() }
        #expect(recipient?.code == .configuration)
        #expect(recipient?.message.contains("not with a passphrase") == true)

        let whole = try encrypt(key.secret, passphrase: "pass")
        try box.file("keys.txt", Array(whole.dropLast(3)))
        #expect(failure { _ = try box.identities(passphrase: "pass").identities() }?.code == .vault)

        try box.file("keys.txt", encrypt(canary, passphrase: "pass"))
        #expect(failure { _ = try box.identities(passphrase: "pass").identities() }?.code == .configuration)
    }

    @Test
    func ignoredKeysAreLogged() throws {
        let lines = Mutex<[String]>([])
        try box.file("keys.txt", "AGE-PLUGIN-YUBIKEY-1\(canary.uppercased())\n\(key.secret)\n")
        let log = Log { _, line in lines.withLock { $0.append(line) } }
        #expect(try box.identities(log: log).identities().recipients == [key.recipient])
        let line = try #require(lines.withLock { $0.first })
        #expect(line.contains("\(box.path("keys.txt")): a plugin identity age-plugin-yubikey is ignored"))
        #expect(!line.lowercased().contains(canary))
    }
}
