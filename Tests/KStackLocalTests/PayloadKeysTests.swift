import Age
import KStackAny
import System
import TestSupport
import Testing

@testable import KStackLocal

/// The keys of files that were opened, for the next time.
@Suite
struct PayloadKeysTests {
    private let box: Sandbox
    private let key: Key
    private let layer = Layer.globalInfrastructure

    init() throws {
        box = try Sandbox()
        key = try box.useKey()
    }

    private func version(of name: String) throws -> FileVersion {
        try #require(try Paths.status(of: box.path("vault/dev/layer3/secret.\(name)"))).version
    }

    @Test
    func theKeyOfAFileThatWasOpenedIsKept() throws {
        try box.secret("layer3/a", "content", for: key)
        let vault = try box.vault()
        let keys = try vault.identities.load().payloadKeys
        #expect(keys[try version(of: "a")] == nil)
        #expect(text(try vault.read(layer, "a")) == "content")
        let kept = try #require(keys[try version(of: "a")])
        #expect(text(try vault.read(layer, "a")) == "content")
        #expect(keys[try version(of: "a")] === kept)
    }

    /// As when a file is rewritten within one tick of the file system's clock.
    @Test
    func aKeyOfAnotherFileDoesNotMatter() throws {
        try box.secret("layer3/a", "one", for: key)
        try box.secret("layer3/b", "two", for: key)
        let vault = try box.vault()
        #expect(text(try vault.read(layer, "a")) == "one")
        let keys = try vault.identities.load().payloadKeys
        let other = try #require(keys[try version(of: "a")])
        keys.keep(other, of: try version(of: "b"))
        #expect(text(try vault.read(layer, "b")) == "two")
        #expect(keys[try version(of: "b")] !== other)
        #expect(text(try vault.read(layer, "b")) == "two")
    }

    @Test
    func otherIdentitiesOpenNothingWithTheKeysOfTheFirst() throws {
        try box.secret("layer3/a", canary, for: key)
        let vault = try box.vault()
        #expect(text(try vault.read(layer, "a")) == canary)
        _ = try box.useKey()
        #expect(failure { _ = try vault.read(layer, "a") }?.code == .vault)
        box.set("KSTACK_AGE_KEY", nil)
        #expect(failure { _ = try vault.read(layer, "a") }?.code == .vault)
    }

    @Test
    func theOldestKeyGoesFirst() throws {
        try box.secret("layer3/a", "content", for: key)
        let vault = try box.vault()
        #expect(text(try vault.read(layer, "a")) == "content")
        let key = try #require(try vault.identities.load().payloadKeys[try version(of: "a")])
        let keys = PayloadKeys()
        var versions: [FileVersion] = []
        for number in 0...PayloadKeys.limit {
            try box.file("vault/dev/layer3/secret.\(number)", "x")
            versions.append(try version(of: "\(number)"))
            keys.keep(key, of: versions[number])
            keys.keep(key, of: versions[number])
        }
        #expect(keys[versions[0]] == nil)
        #expect(versions.dropFirst().allSatisfy { keys[$0] != nil })
    }
}
