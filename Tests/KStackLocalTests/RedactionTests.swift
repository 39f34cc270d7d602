import Age
import KStackAny
import TestSupport
import Testing

@testable import KStackLocal

/// What Swift itself prints of objects that hold secrets.
@Suite
struct RedactionTests {
    private let box: Sandbox
    private let key: Key

    init() throws {
        box = try Sandbox()
        key = try box.useKey()
    }

    /// All ways in which a value may end up in a log.
    private func printings(of value: Any) -> [String] {
        var dumped = ""
        dump(value, to: &dumped)
        var children = ""
        for child in Mirror(reflecting: value).children { children += "\(child.label ?? "") \(child.value)" }
        return ["\(value)", String(describing: value), String(reflecting: value), dumped, children]
    }

    @Test
    func identitiesPrintNoSecret() throws {
        let store = try box.identities()
        for value: Any in [try store.identities(), store] {
            for text in printings(of: value) { #expect(!text.contains("AGE-SECRET-KEY")) }
        }
    }

    @Test
    func passphrasesPrintNoSecret() throws {
        let passphrase = try Passphrase(Array(canary.utf8).span)
        let store = try box.identities(passphrase: canary)
        for value: Any in [passphrase, DecryptionKey.passphrase(passphrase), store] {
            for text in printings(of: value) { #expect(!text.contains(canary)) }
        }
    }

    @Test
    func whatWasReadOfAVaultPrintsNoSecret() throws {
        try box.secret("layer3/cloud-credentials.yaml", "s3: {k: \(canary)}\n", for: key)
        let provider = try box.provider()
        let found = try provider.credentials(
            service: Name("s3", kind: "a service"),
            layer: .globalInfrastructure,
            environment: Name("dev", kind: "an environment")
        )
        for value: Any in [found, provider, try box.vault()] {
            for text in printings(of: value) { #expect(!text.contains(canary)) }
        }
    }
}
