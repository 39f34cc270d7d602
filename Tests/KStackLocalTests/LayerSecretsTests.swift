import KStackAny
import Synchronization
import TestSupport
import Testing

@testable import KStackLocal

/// What a layer may see of a vault.
@Suite
struct LayerSecretsTests {
    private let box: Sandbox
    private let key: Key

    init() throws {
        box = try Sandbox()
        key = try box.useKey()
        try box.folder("vault/dev")
    }

    private func look(_ layer: Layer = .globalInfrastructure, log: Log = Log()) throws -> Credentials {
        try LocalSecretsProvider(project: box.project(), identities: box.identities(), log: log)
            .secrets(of: layer, environment: Name("dev", kind: "an environment"))
    }

    @Test
    func ownFilesAreMergedInTheOrderOfTheirNames() throws {
        try box.secret("layer3/b.yaml", "b_2: two\nb-1: 0123\n", for: key)
        try box.secret("layer3/a.yaml", "A: yes\nnothing:\n", for: key)
        let found = try look()
        #expect(found.pairs == ["A=yes", "nothing=", "b_2=two", "b-1=0123"])
        #expect(found.text(found.json) == #"{"A":"yes","nothing":"","b_2":"two","b-1":"0123"}"#)
        #expect(found.sourceText == "\(box.path("vault/dev")): layer3/secret.a.yaml, layer3/secret.b.yaml")
        #expect(try box.names("vault/dev/layer3") == ["secret.a.yaml", "secret.b.yaml"])
    }

    @Test
    func aPlaintextComesBeforeItsEncryptedForm() throws {
        try box.secret("layer3/a.yaml", "a: encrypted\nb: gone\n", for: key)
        try box.file("vault/dev/layer3/a.yaml", "a: plain\n")
        try box.file("vault/dev/layer3/only-plain.yaml", "c: plain\n")
        #expect(try look().pairs == ["a=plain", "c=plain"])
        box.set("KSTACK_AGE_KEY", nil)
        #expect(try look().pairs == ["a=plain", "c=plain"])
    }

    @Test
    func whatIsNotDataIsLeftOut() throws {
        try box.secret(
            "layer3/a.yaml",
            "shared_with: []\ndescription: [x]\ncreated: 2024-01-01\nstatus: {a: b}\nmigration: x\nkey: value\n",
            for: key
        )
        #expect(try look().pairs == ["key=value"])
    }

    @Test(arguments: [
        "cloud-credentials.yaml", "a.yml", "a.json", "a.yaml.example", "a.yaml~", ".a.yaml", "a.YAML", "yaml",
    ])
    func otherFilesAreIgnored(name: String) throws {
        try box.folder("vault/dev/layer3")
        try box.file("vault/dev/layer3/\(name)", "a: \(canary)\n")
        try box.file("vault/dev/layer3/secret.\(name)", key.encrypt("b: \(canary)\n"))
        try box.file("vault/dev/layer1/\(name)", "shared_with: [layer3]\nc: \(canary)\n")
        #expect(failure { _ = try look() }?.code == .serviceNotFound)
    }

    @Test(arguments: ["layer3", "'3'", "3", "LAYER3", "layer-3-global-infra"])
    func sharedFilesAreSeenByTheLayersTheyName(name: String) throws {
        try box.secret("layer1/shared.yaml", "shared_with: [layer2, \(name)]\nfrom1: one\n", for: key)
        try box.secret("layer0/shared.yaml", "shared_with:\n  - \(name)\nfrom0: zero\n", for: key)
        try box.secret("layer2/own.yaml", "from2: two\n", for: key)
        try box.secret("layer3/own.yaml", "from3: three\n", for: key)
        #expect(try look().pairs == ["from3=three", "from0=zero", "from1=one"])
        #expect(try look(.globalServices).pairs == ["from2=two", "from1=one"])
        #expect(try look(.tenantInfrastructure).pairs == ["from1=one"])
        #expect(try look(.applications).pairs == ["from0=zero"])
    }

    @Test
    func aFileThatIsSharedWithOthersStaysWithItsOwner() throws {
        try box.secret("layer3/own.yaml", "shared_with: [layer1]\nkey: value\n", for: key)
        #expect(try look().pairs == ["key=value"])
        #expect(try look(.tenantInfrastructure).pairs == ["key=value"])
        let error = failure { _ = try look(.applications) }
        #expect(error?.code == .serviceNotFound)
        #expect(error?.message.contains("no secrets for layer0 in environment 'dev'") == true)
    }

    @Test
    func anOwnKeyWinsOverThoseOfOthers() throws {
        try box.secret("layer1/a.yaml", "shared_with: [layer3]\nkey: of-1\nrest: of-1\n", for: key)
        try box.secret("layer2/a.yaml", "shared_with: [layer3]\nkey: of-2\n", for: key)
        try box.secret("layer3/a.yaml", "key: of-3\n", for: key)
        #expect(try look().pairs == ["key=of-3", "rest=of-1"])
    }

    @Test(arguments: [("layer1/b.yaml", "layer2/a.yaml"), ("layer1/a.yaml", "layer1/b.yaml")])
    func twoOthersWithOneKeyAreAnErrorThatNamesBoth(first: String, second: String) throws {
        try box.secret(first, "shared_with: [layer3]\nkey: \(canary)\n", for: key)
        try box.secret(second, "shared_with: [layer3]\n\nkey: \(canary)\n", for: key)
        let error = failure { _ = try look() }
        #expect(error?.code == .configuration)
        for (path, line) in [(first, 2), (second, 3)] {
            let name = path.replacing("/", with: "/secret.")
            #expect(error?.message.contains("\(box.path("vault/dev"))/\(name), line \(line)") == true)
        }
    }

    @Test
    func twoOwnFilesWithOneKeyAreAnErrorThatNamesBoth() throws {
        try box.secret("layer3/a.yaml", "x: 1\nkey: \(canary)\n", for: key)
        try box.file("vault/dev/layer3/b.yaml", "key: \(canary)\n")
        let error = failure { _ = try look() }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("layer3/secret.a.yaml, line 2, and ") == true)
        #expect(error?.message.contains("layer3/b.yaml, line 1, have the same key") == true)
    }

    @Test
    func keysAreComparedByTheirBytes() throws {
        try box.secret("layer3/a.yaml", "\u{E9}: 1\n", for: key)
        try box.secret("layer3/b.yaml", "e\u{301}: 2\nKEY: 3\nkey: 4\n", for: key)
        #expect(try look().count == 4)
    }

    @Test(arguments: ["[\(canary)]", "{a: \(canary)}", "[]", "{}"])
    func aNestedValueIsAnErrorOfItsLine(value: String) throws {
        try box.secret("layer1/a.yaml", "shared_with: [layer3]\nkey: \(value)\n", for: key)
        let error = failure { _ = try look() }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("layer1/secret.a.yaml, line 2: the value is nested") == true)
        try box.secret("layer3/a.yaml", "key: \(value)\n", for: key)
        #expect(failure { _ = try look() }?.message.contains("layer3/secret.a.yaml, line 1") == true)
    }

    @Test(arguments: ["layer3", "{layer3: true}", "[layer9]", "[[layer3]]", "[null]", "['']", "[all]"])
    func anInvalidSharedWithIsRefused(value: String) throws {
        for path in ["layer1/a.yaml", "layer3/a.yaml"] {
            try box.secret(path, "key: \(canary)\nshared_with: \(value)\n", for: key)
            let error = failure { _ = try look() }
            #expect(error?.code == .configuration)
            #expect(error?.message.contains("/secret.a.yaml, line 2: shared_with ") == true)
        }
    }

    @Test(arguments: ["", "# nothing\n", "null\n", "shared_with: [layer3]\n", "shared_with:\n"])
    func filesWithoutSecretsAreNotFound(content: String) throws {
        try box.secret("layer3/a.yaml", content, for: key)
        try box.secret("layer1/a.yaml", content, for: key)
        let error = failure { _ = try look() }
        #expect(error?.code == .serviceNotFound)
        #expect(error?.message.contains("no *.yaml in \(box.path("vault/dev"))/layer3 holds one") == true)
    }

    @Test(arguments: ["- \(canary)\n", "\(canary)\n"])
    func anOwnFileMustBeAMappingAndAForeignOneIsNotShared(content: String) throws {
        try box.secret("layer1/a.yaml", content, for: key)
        #expect(failure { _ = try look() }?.code == .serviceNotFound)
        try box.secret("layer3/a.yaml", content, for: key)
        #expect(failure { _ = try look() }?.code == .configuration)
    }

    @Test
    func anUnreadableFileOfAnotherLayerIsIgnoredAndAnOwnOneIsNot() throws {
        try box.secret("layer3/a.yaml", "key: value\n", for: key)
        try box.secret("layer1/a.yaml", "shared_with: [layer3]\nother: \(canary)\n", for: Key())
        let lines = Lines()
        #expect(try look(log: lines.log).pairs == ["key=value"])
        let path = box.path("vault/dev/layer1/secret.a.yaml")
        #expect(lines.all == ["secrets for layer3: \(path) is ignored, since none of your age keys can decrypt it"])
        try box.secret("layer3/b.yaml", "more: \(canary)\n", for: Key())
        #expect(failure { _ = try look() }?.code == .vault)
    }

    @Test
    func ignoredFilesAreReportedIfNoSecretsAreLeft() throws {
        try box.secret("layer1/a.yaml", "shared_with: [layer3]\nother: \(canary)\n", for: Key())
        for identity in [key.secret, nil] {
            box.set("KSTACK_AGE_KEY", identity)
            let error = failure { _ = try look() }
            #expect(error?.code == .serviceNotFound)
            #expect(error?.message.contains("none of your age keys can decrypt them: 1 files of other layers") == true)
        }
    }

    @Test
    func invalidIdentitiesAndDamagedFilesAreNeverIgnored() throws {
        try box.secret("layer1/a.yaml", "shared_with: [layer3]\nother: x\n", for: key)
        box.set("KSTACK_AGE_KEY", "AGE-SECRET-KEY-1\(canary)")
        #expect(failure { _ = try look() }?.code == .configuration)
        box.set("KSTACK_AGE_KEY", key.secret)
        var bytes = try key.encrypt("shared_with: [layer3]\nother: x\n")
        bytes[bytes.count - 1] ^= 1
        try box.file("vault/dev/layer1/secret.a.yaml", bytes)
        #expect(failure { _ = try look() }?.code == .vault)
    }

    @Test
    func linksAndFilesOfOthersAreRefused() throws {
        try box.secret("layer3/a.yaml", "key: value\n", for: key)
        try box.file("vault/dev/layer1/a.yaml", "shared_with: [layer3]\nother: x\n", mode: 0o666)
        #expect(failure { _ = try look() }?.message.contains("chmod go-w") == true)
        try box.mode("vault/dev/layer1/a.yaml", 0o600)
        #expect(try look().count == 2)
        try box.replaceWithLink("vault/dev/layer1/a.yaml")
        #expect(failure { _ = try look() }?.code == .configuration)
    }

    @Test
    func anEnvironmentIsNeverMixedWithAnother() throws {
        try box.secret("layer3/a.yaml", "key: of-prod\n", for: key, environment: "prod")
        try box.secret("layer1/a.yaml", "shared_with: [layer3]\nother: of-prod\n", for: key, environment: "prod")
        #expect(failure { _ = try look() }?.code == .serviceNotFound)
    }

    @Test
    func manyKeysAreQuick() throws {
        let content = (0..<40_000).map { "key\($0): \($0)\n" }.joined()
        try box.file("vault/dev/layer3/a.yaml", content)
        try box.file("vault/dev/layer1/a.yaml", "shared_with: [layer3]\n" + content)
        #expect(try look().count == 40_000)
    }
}

/// Collects log lines.
private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    var log: Log { Log { _, line in self.lines.withLock { $0.append(line) } } }
}
