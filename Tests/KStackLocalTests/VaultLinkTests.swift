import Foundation
import KStackAny
import TestSupport
import Testing

@testable import KStackLocal

/// Links and other things in a vault that are not files.
@Suite
struct VaultLinkTests {
    private let box: Sandbox
    private let key: Key
    private let layer = Layer.globalInfrastructure

    init() throws {
        box = try Sandbox()
        key = try box.useKey()
        try box.secret("layer3/a", "content", for: key)
        try box.secret("layer3/cloud-credentials.yaml", "s3: {k: \(canary)}", for: key)
    }

    @Test
    func theVaultItselfMayBeALink() throws {
        try box.replaceWithLink("vault")
        let content = text(try box.vault().read(layer, "a"))
        #expect(content == "content")
    }

    @Test
    func aLinkForAnEnvironmentIsRefused() throws {
        try box.replaceWithLink("vault/dev")
        expectRefusal("vault/dev", failure { _ = try box.vault() })
        #expect(try Array(box.provider().environments()) == [])
    }

    @Test
    func aLinkForALayerIsRefused() throws {
        try box.replaceWithLink("vault/dev/layer3")
        let vault = try box.vault()
        for error in [
            failure { _ = try vault.read(layer, "a") },
            failure { _ = try vault.pathOfPlaintext(layer, "a") },
            failure { _ = try vault.list(nil, .encrypted) },
            failure { _ = try vault.list(layer, .plaintext) },
            failure { _ = try vault.isEncrypted() },
            failure { _ = try box.provider().services(of: layer, environment: Name("dev", kind: "an environment")) },
        ] { expectRefusal("vault/dev/layer3", error) }
        let report = try vault.decrypt(.init())
        expectRefusal("vault/dev/layer3", report.failure)
        #expect(try box.names("moved") == ["secret.a", "secret.cloud-credentials.yaml"])
    }

    @Test(arguments: ["existing", "dangling"])
    func aLinkForAnEncryptedFileIsRefused(kind: String) throws {
        try box.replaceWithLink("vault/dev/layer3/secret.a")
        if kind == "dangling" { try box.remove("moved") }
        let vault = try box.vault()
        for error in [
            failure { _ = try vault.read(layer, "a") },
            failure { _ = try vault.list(nil, .encrypted) },
            failure { _ = try vault.isEncrypted() },
        ] { expectRefusal("vault/dev/layer3/secret.a", error) }
        let report = try vault.decrypt(.init(files: ["layer3/a"]))
        #expect(report.entries.map(\.result) == [.failed])
        expectRefusal("vault/dev/layer3/secret.a", report.failure)
        #expect(box.text("vault/dev/layer3/a") == nil)
    }

    @Test(arguments: ["existing", "dangling"])
    func aLinkForAPlaintextIsNeitherFollowedNorReplaced(kind: String) throws {
        try box.file("elsewhere", "other")
        try box.link("vault/dev/layer3/a", to: box.path(kind == "dangling" ? "none" : "elsewhere"))
        let vault = try box.vault()
        for error in [
            failure { _ = try vault.pathOfPlaintext(layer, "a") },
            failure { _ = try vault.list(nil, .plaintext) },
            failure { _ = try vault.isEncrypted() },
            try vault.decrypt(.init(files: ["layer3/a"])).failure,
            try vault.decrypt(.init(files: ["layer3/a"], overwrites: true)).failure,
        ] { expectRefusal("vault/dev/layer3/a", error) }
        #expect(box.text("elsewhere") == "other")
        #expect(box.text("none") == nil)
        // Reading in memory ignores it.
        let content = text(try vault.read(layer, "a"))
        #expect(content == "content")
    }

    @Test(arguments: ["cloud-credentials.yaml", "secret.cloud-credentials.yaml"])
    func aLinkForCredentialsIsRefused(name: String) throws {
        try box.file("vault/dev/layer3/cloud-credentials.yaml", "s3: {k: \(canary)}")
        if name.hasPrefix("secret.") { try box.remove("vault/dev/layer3/cloud-credentials.yaml") }
        try box.replaceWithLink("vault/dev/layer3/\(name)")
        let error = failure {
            _ = try box.provider().credentials(
                service: Name("s3", kind: "a service"),
                layer: layer,
                environment: Name("dev", kind: "an environment")
            )
        }
        expectRefusal("vault/dev/layer3/\(name)", error)
    }

    @Test
    func otherKindsOfFilesAreRefused() throws {
        try box.remove("vault/dev/layer3/secret.a")
        #expect(mkfifo(box.path("vault/dev/layer3/secret.a"), 0o600) == 0)
        try box.folder("vault/dev/layer3/secret.b")
        let vault = try box.vault()
        for name in ["a", "b"] {
            #expect(failure { _ = try vault.read(layer, name) }?.code == .configuration)
            let report = try vault.decrypt(.init(files: ["layer3/\(name)"]))
            #expect(report.failure?.code == .configuration)
        }
        #expect(try Array(vault.list(layer, .encrypted)) == ["layer3/secret.cloud-credentials.yaml"])
        try box.remove("vault/dev/layer3")
        try box.file("vault/dev/layer3", "a file")
        #expect(failure { _ = try vault.list(layer, .encrypted) }?.code == .configuration)
    }

    private func expectRefusal(_ name: String, _ error: KStackError?) {
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("\(box.path(name)) is a symbolic link") == true, "\(error?.message ?? "none")")
    }
}
