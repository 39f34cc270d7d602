import KStackAny
import TestSupport
import Testing

@testable import KStackLocal

/// Opening a vault, and what is in it.
@Suite
struct VaultTests {
    private let box: Sandbox
    private let key: Key

    init() throws {
        box = try Sandbox()
        key = try box.useKey()
    }

    @Test
    func opensTheVaultOfAnEnvironment() throws {
        try box.folder("vault/dev")
        let vault = try box.vault()
        #expect(vault.path == box.path("vault/dev"))
        #expect(vault.environment.text == "dev")
        #expect(try Array(vault.list(nil, .encrypted)) == [])
        #expect(try vault.isEncrypted() == false)
    }

    @Test
    func aMissingEnvironmentIsAnErrorThatListsTheOthers() throws {
        for name in ["dev", "prod", "Not-A-Name", ".recipients"] { try box.folder("vault/\(name)") }
        try box.file("vault/file", "")
        let error = failure { _ = try box.vault("staging") }
        #expect(error?.code == .configuration)
        #expect(error?.message == "no environment 'staging' in \(box.path("vault")); available: dev, prod")
        #expect(try Array(box.provider().environments()) == ["dev", "prod"])
    }

    @Test
    func withoutAVaultThereIsNoEnvironment() throws {
        #expect(failure { _ = try box.vault() }?.message.contains("there is no vault") == true)
        try box.folder("vault")
        #expect(failure { _ = try box.vault() }?.message.hasSuffix("available: none") == true)
        #expect(try Array(box.provider().environments()) == [])
        try box.file("vault/dev", "a file")
        #expect(failure { _ = try box.vault() }?.code == .configuration)
    }

    @Test
    func listsVaultFiles() throws {
        let others = [
            ".hidden", "secret.a.example", "secret.a.template", "README.md", "secret.README.md", "a~", "secret.a~",
            "secret.a.cfg",
            "secret.a.conf", "secret.a.config", ".kstack-state", "secret..hidden", "secret.", "a.md",
        ]
        for name in others { try box.file("vault/dev/layer3/\(name)", "") }
        for name in ["secret.b.yaml", "secret.a.yaml", "a.yaml", "only-plain", "secret.Z"] {
            try box.file("vault/dev/layer3/\(name)", "")
        }
        try box.folder("vault/dev/layer3/secret.folder")
        try box.folder("vault/dev/layer3/folder")
        try box.file("vault/dev/layer0/secret.x", "")
        try box.file("vault/dev/layer4/secret.x", "")
        try box.file("vault/dev/secret.x", "")
        let vault = try box.vault()
        let layer3 = ["layer3/secret.Z", "layer3/secret.a.yaml", "layer3/secret.b.yaml"]
        #expect(try Array(vault.list(.globalInfrastructure, .encrypted)) == layer3)
        #expect(try Array(vault.list(nil, .encrypted)) == ["layer0/secret.x"] + layer3)
        #expect(try Array(vault.list(nil, .plaintext)) == ["layer3/a.yaml", "layer3/only-plain"])
        #expect(try Array(vault.list(.globalServices, .plaintext)) == [])
    }

    @Test
    func isEncryptedWhereAPlaintextIsMissing() throws {
        try box.secret("layer3/a.yaml", "a", for: key)
        try box.secret("layer1/b", "b", for: key)
        let vault = try box.vault()
        #expect(try vault.isEncrypted())
        try box.file("vault/dev/layer3/a.yaml", "a")
        #expect(try vault.isEncrypted())
        try box.file("vault/dev/layer1/b", "other")
        #expect(try vault.isEncrypted() == false)
        try box.file("vault/dev/layer1/plain", "")
        #expect(try vault.isEncrypted() == false)
        // The plaintext of another layer is another file.
        try box.secret("layer0/a.yaml", "a", for: key)
        #expect(try vault.isEncrypted())
    }

    @Test
    func twoSpellingsOfAnAccentAreTwoFiles() throws {
        try box.secret("layer3/\u{E9}", "a", for: key)
        try box.file("vault/dev/layer3/e\u{301}", "a")
        #expect(try box.vault().isEncrypted())
    }

    @Test(arguments: ["a.yaml", "a\u{600}.yaml"])
    func yamlThatNoLookUpCouldReadIsNotEncrypted(name: String) throws {
        // To Swift the dot and U+0600 before it are one character.
        try box.folder("vault/dev")
        let error = failure {
            try box.vault().write(.globalInfrastructure, name, Array("a: [\n".utf8).span, team: nil)
        }
        #expect(error?.code == .configuration)
        #expect(error?.message.hasSuffix("nothing was encrypted") == true)
    }

    @Test
    func metadataFilesAreIgnored() throws {
        try box.file("vault/dev/layer3/secret.a.cfg", "")
        try box.file("vault/dev/layer3/secret.README.md", "")
        #expect(try box.vault().isEncrypted() == false)
    }

    @Test(arguments: ["vault", "vault/dev", "vault/dev/layer3", "vault/dev/layer3/secret.a"])
    func filesThatOthersMayWriteAreRefused(name: String) throws {
        try box.secret("layer3/a", canary, for: key)
        #expect(failure { _ = try box.vault().read(.globalInfrastructure, "a") } == nil)
        for mode: UInt32 in [0o772, 0o702, 0o777] {
            try box.mode(name, mode)
            let error = failure { _ = try box.vault().read(.globalInfrastructure, "a") }
            #expect(error?.code == .configuration)
            #expect(error?.message.contains("chmod go-w -- '\(box.path(name))'") == true)
        }
        try box.mode(name, 0o755)
        #expect(failure { _ = try box.vault().read(.globalInfrastructure, "a") } == nil)
    }

    @Test
    func oneEnvironmentNeverAnswersForAnother() throws {
        try box.secret("layer3/a", "of dev", for: key)
        try box.secret("layer3/a", "of prod", for: key, environment: "prod")
        for environment in ["dev", "prod"] {
            let content = text(try box.vault(environment).read(.globalInfrastructure, "a"))
            #expect(content == "of \(environment)")
        }
        try box.remove("vault/prod/layer3/secret.a")
        #expect(failure { _ = try box.vault("prod").read(.globalInfrastructure, "a") }?.code == .serviceNotFound)
    }
}
