import Age
import KStackAny
import TestSupport
import Testing

@testable import KStackLocal

/// Files of a vault, read in memory.
@Suite
struct VaultReadTests {
    private let box: Sandbox
    private let key: Key
    private let layer = Layer.globalInfrastructure

    init() throws {
        box = try Sandbox()
        key = try box.useKey()
    }

    @Test
    func returnsTheContentAndWritesNothing() throws {
        for content in ["", "x", "line\n\n", "nul \0 inside", String(repeating: "0123456789", count: 20_000)] {
            try box.secret("layer3/a", content, for: key)
            let found = text(try box.vault().read(layer, "a"))
            #expect(found == content)
            #expect(try box.names("vault/dev/layer3") == ["secret.a"])
        }
    }

    @Test
    func aMissingFileIsAnErrorThatListsTheOthers() throws {
        let none = failure { _ = try box.vault() }
        #expect(none != nil)
        try box.folder("vault/dev")
        let empty = failure { _ = try box.vault().read(layer, "a") }
        #expect(empty?.code == .serviceNotFound)
        #expect(empty?.message.hasSuffix("available: none") == true)
        try box.secret("layer3/b", canary, for: key)
        try box.secret("layer3/c", canary, for: key)
        let error = failure { _ = try box.vault().read(layer, "a") }
        #expect(error?.code == .serviceNotFound)
        #expect(error?.message.contains("no secret.a in \(box.path("vault/dev"))/layer3") == true)
        #expect(error?.message.hasSuffix("layer3/secret.b, layer3/secret.c") == true)
    }

    @Test
    func refusesInvalidNames() throws {
        try box.secret("layer3/a", canary, for: key)
        let vault = try box.vault()
        for name in ["", "../layer3/a", "a/b", ".a", "secret.a", "a.md", "a\u{0}", String(repeating: "a", count: 201)] {
            #expect(failure { _ = try vault.read(layer, name) }?.code == .invalidArgument)
            #expect(failure { _ = try vault.pathOfPlaintext(layer, name) }?.code == .invalidArgument)
        }
    }

    @Test
    func refusesMoreThanTheLimit() throws {
        try box.secret("layer3/a", String(repeating: "x", count: 2 << 20), for: key)
        let vault = try box.vault()
        #expect(failure { _ = try vault.read(layer, "a", limit: 2 << 20) } == nil)
        let error = failure { _ = try vault.read(layer, "a", limit: 1 << 20) }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("more than 1 MiB") == true)
    }

    @Test
    func whenNoIdentityFitsTheSourcesAreListed() throws {
        try box.secret("layer3/a", canary, for: Key())
        let error = failure { _ = try box.vault().read(layer, "a") }
        #expect(error?.code == .vault)
        #expect(
            error?.message.contains("none of your age keys can decrypt \(box.path("vault/dev/layer3/secret.a"))")
                == true
        )
        #expect(error?.message.contains("kinds X25519") == true)
        #expect(error?.message.contains("2 KSTACK_AGE_KEY: no key of it fits") == true)
        #expect(error?.message.contains("7 sops's key file: ") == true)
        #expect(error?.message.contains(key.secret) == false)
    }

    @Test
    func aFileForAPassphraseIsRefused() throws {
        try box.file("vault/dev/layer3/secret.a", encrypt(canary, passphrase: "pass"))
        let error = failure { _ = try box.vault().read(layer, "a") }
        #expect(error?.code == .vault)
        #expect(error?.message.contains("is encrypted with a passphrase") == true)
    }

    @Test
    func damagedFilesAreRefused() throws {
        let whole = try key.encrypt("a \(canary)")
        var flipped = whole
        flipped[whole.count - 1] ^= 1
        var header = whole
        header[header.count - 60] ^= 1
        for bytes in [
            flipped, header, Array(whole.dropLast()), Array(whole.prefix(40)), [], Array(canary.utf8), whole + [0],
        ] {
            try box.file("vault/dev/layer3/secret.a", bytes)
            let error = failure { _ = try box.vault().read(layer, "a") }
            #expect(error?.code == .vault)
            #expect(error?.message.contains(box.path("vault/dev/layer3/secret.a")) == true)
        }
    }

    @Test
    func aFileForSeveralIsReadByEach() throws {
        let other = try Key()
        let recipients = [other.recipient, key.recipient]
        try box.file("vault/dev/layer3/secret.a", encrypt(Array("content".utf8), for: recipients))
        for secret in [key.secret, other.secret] {
            box.set("KSTACK_AGE_KEY", secret)
            let content = text(try box.vault().read(layer, "a"))
            #expect(content == "content")
        }
    }

    @Test
    func thePathIsThatOfThePlaintext() throws {
        try box.secret("layer3/a", canary, for: key)
        let vault = try box.vault()
        let encrypted = failure { _ = try vault.pathOfPlaintext(layer, "a") }
        #expect(encrypted?.code == .serviceNotFound)
        #expect(encrypted?.message.contains("only in its encrypted form") == true)
        #expect(failure { _ = try vault.pathOfPlaintext(layer, "b") }?.code == .serviceNotFound)
        #expect(failure { _ = try vault.pathOfPlaintext(.applications, "a") }?.code == .serviceNotFound)
        try box.file("vault/dev/layer3/a", canary)
        #expect(try vault.pathOfPlaintext(layer, "a") == box.path("vault/dev/layer3/a"))
        try box.file("vault/dev/layer3/plain", canary)
        #expect(try vault.pathOfPlaintext(layer, "plain") == box.path("vault/dev/layer3/plain"))
    }
}
