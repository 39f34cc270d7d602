import KStackAny
import TestSupport
import Testing

@testable import KStackLocal

/// Look-ups of credentials in a vault.
@Suite
struct LocalSecretsProviderTests {
    private static let file = "layer3/cloud-credentials.yaml"
    private let box: Sandbox
    private let key: Key

    init() throws {
        box = try Sandbox()
        key = try box.useKey()
    }

    private func look(_ service: String = "s3", environment: String? = "dev") throws -> Credentials {
        try box.provider().credentials(
            service: Name(service, kind: "a service"),
            layer: .globalInfrastructure,
            environment: environment.map { try Name($0, kind: "an environment") }
        )
    }

    @Test
    func anEncryptedFileIsReadInMemory() throws {
        try box.secret(Self.file, "s3:\n  id: 0123\n  key: yes\n  n:\ngcs: {a: b}\n", for: key)
        let found = try look()
        #expect(found.pairs == ["id=0123", "key=yes", "n="])
        #expect(found.sourceText == box.path("vault/dev/layer3/secret.cloud-credentials.yaml"))
        #expect(try box.names("vault/dev/layer3") == ["secret.cloud-credentials.yaml"])
    }

    @Test
    func aPlaintextComesFirst() throws {
        try box.secret(Self.file, "s3: {id: encrypted}\n", for: key)
        try box.file("vault/dev/\(Self.file)", "s3: {id: plain}\n")
        let found = try look()
        #expect(found.pairs == ["id=plain"])
        #expect(found.sourceText == box.path("vault/dev/\(Self.file)"))
        // It needs no identity.
        box.set("KSTACK_AGE_KEY", nil)
        #expect(try look().pairs == ["id=plain"])
    }

    @Test
    func nothingIsCached() throws {
        try box.secret(Self.file, "s3: {id: one}\n", for: key)
        let provider = try box.provider()
        let service = try Name("s3", kind: "a service")
        let dev = try Name("dev", kind: "an environment")
        for id in ["one", "two", "three"] {
            try box.secret(Self.file, "s3: {id: \(id)}\n", for: key)
            let found = try provider.credentials(service: service, layer: .globalInfrastructure, environment: dev)
            #expect(found.pairs == ["id=\(id)"])
        }
    }

    @Test
    func theEnvironmentIsTheDetectedOneUnlessOneIsNamed() throws {
        try box.secret(Self.file, "s3: {id: of-dev}\n", for: key)
        try box.secret(Self.file, "s3: {id: of-prod}\n", for: key, environment: "prod")
        #expect(failure { _ = try look(environment: nil) }?.code == .configuration)
        try box.file(".kstack.yaml", "environment: prod\n")
        #expect(try look(environment: nil).pairs == ["id=of-prod"])
        #expect(try look(environment: "dev").pairs == ["id=of-dev"])
        #expect(failure { _ = try look(environment: "test") }?.message.contains("available: dev, prod") == true)
    }

    @Test
    func aMissingServiceIsAnErrorThatListsTheOthers() throws {
        try box.secret(Self.file, "gcs: {k: \(canary)}\ntext: \(canary)\nsqs: {k: \(canary)}\n", for: key)
        let error = failure { _ = try look() }
        #expect(error?.code == .serviceNotFound)
        #expect(error?.message.contains("no service 's3'") == true)
        #expect(error?.message.hasSuffix("available: gcs, sqs") == true)
        let environment = try Name("dev", kind: "an environment")
        #expect(
            try Array(box.provider().services(of: .globalInfrastructure, environment: environment)) == ["gcs", "sqs"]
        )
    }

    @Test
    func theCredentialsOfAProviderServeAllOfItsServices() throws {
        try box.secret(
            Self.file,
            "s3: {id: no}\nproviders:\n  localstack: {id: yes}\n  aws: {}\n  x: \(canary)\n",
            for: key
        )
        func look(_ provider: String, isTarget: Bool = false) throws -> Credentials {
            let provider = try Name(provider, kind: "a provider")
            let environment = try Name("dev", kind: "an environment")
            let secrets = try box.provider()
            return isTarget
                ? try secrets.credentials(
                    service: Name("s3", kind: "a service"),
                    ofTarget: provider,
                    layer: .globalInfrastructure,
                    environment: environment
                )
                : try secrets.credentials(
                    ofProvider: provider,
                    layer: .globalInfrastructure,
                    environment: environment
                )
        }
        let found = try look("localstack")
        #expect(found.pairs == ["id=yes"])
        #expect(found.sourceText == box.path("vault/dev/layer3/secret.cloud-credentials.yaml"))
        // One provider alone needs no section of its own.
        #expect(try look("gcp", isTarget: true).pairs == ["id=no"])
        let absent = failure { _ = try look("gcp") }
        #expect(absent?.code == .serviceNotFound)
        #expect(absent?.message.contains("no credentials under providers.gcp in ") == true)
        #expect(absent?.message.hasSuffix("available: localstack, aws") == true)
        // An invalid section is not reported as not found.
        for (provider, found) in [("aws", "every value of providers.aws is empty"), ("x", "providers.x is a string")] {
            let error = failure { _ = try look(provider) }
            #expect(error?.code == .configuration)
            #expect(error?.message.contains(", line ") == true)
            #expect(error?.message.contains(found) == true)
        }
        // `providers` is not a service.
        let environment = try Name("dev", kind: "an environment")
        #expect(try Array(box.provider().services(of: .globalInfrastructure, environment: environment)) == ["s3"])
        let asked = failure {
            _ = try box.provider().credentials(
                service: Name("providers", kind: "a service"),
                layer: .globalInfrastructure,
                environment: environment
            )
        }
        #expect(asked?.code == .serviceNotFound)
        try box.secret(Self.file, "providers: [localstack]\n", for: key)
        #expect(failure { _ = try look("localstack") }?.message.contains("line 1: providers is a list") == true)
        try box.secret(Self.file, "s3: {id: no}\n", for: key)
        #expect(failure { _ = try look("localstack") }?.message.hasSuffix("available: none") == true)
    }

    @Test(arguments: ["s3: \(canary)\n", "s3:\n", "s3: {}\n", "s3: [\(canary)]\n", "s3: ''\n"])
    func aServiceThatIsNotAMappingHasNoCredentials(content: String) throws {
        try box.secret(Self.file, "\n" + content, for: key)
        let error = failure { _ = try look() }
        #expect(error?.code == .serviceNotFound)
        #expect(error?.message.contains("line 2") == true)
        let isEmpty = content == "s3:\n" || content == "s3: {}\n"
        #expect(error?.message.contains(isEmpty ? "is empty: add at least one" : "must be a mapping") == true)
    }

    @Test(arguments: ["- \(canary)\n", "\(canary)\n", "[\(canary)]\n"])
    func aFileThatIsNotAMappingIsRefused(content: String) throws {
        try box.secret(Self.file, content, for: key)
        let error = failure { _ = try look() }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("must be a mapping of services") == true)
    }

    @Test(arguments: ["", "# comment\n", "null\n", "{}\n"])
    func anEmptyFileHasNoService(content: String) throws {
        try box.secret(Self.file, content, for: key)
        let error = failure { _ = try look() }
        #expect(error?.code == .serviceNotFound)
        #expect(error?.message.hasSuffix("the file has no services") == true)
    }

    @Test
    func availableServicesAreListed() throws {
        try box.secret(Self.file, "S3: {a: b}\nx_y: {a: b}\n", for: key)
        #expect(failure { _ = try look() }?.message.contains("it has 2 services whose names are invalid") == true)
        try box.secret(Self.file, "s4: {a: b}\ndatabase: {a: b}\n", for: key)
        #expect(failure { _ = try look() }?.message.hasSuffix("available: s4, database; did you mean 's4'?") == true)
    }

    @Test(arguments: [
        "s3:\n  k: \"\(canary)\n", "s3:\n\t\(canary): \(canary)\n", "s3:\n  \(canary): 1\n  \(canary): 2\n",
        "s3:\n  k: *\(canary)\n", "s3:\n  k: !\(canary) x\n", "s3:\n  k: a: \(canary)\n", "s3:\n  <<: {\(canary): 1}\n",
        "s3: {\n  k: @\(canary)}\n", "s3: {k: \(canary)}\n---\n\(canary)\n", "%\(canary)\n--- x\n",
    ])
    func malformedYAMLIsNamedByItsLineOnly(content: String) throws {
        for isEncrypted in [true, false] {
            if isEncrypted {
                try box.secret(Self.file, content, for: key)
            } else {
                try box.file("vault/dev/\(Self.file)", content)
            }
            let error = failure { _ = try look() }
            #expect(error?.code == .configuration)
            #expect(error?.message.contains("cloud-credentials.yaml: ") == true)
            #expect(error?.message.contains(#/line \d/#) == true, "\(error?.message ?? "none")")
        }
    }

    @Test
    func withoutTheFileThereAreNoCredentials() throws {
        try box.folder("vault/dev")
        #expect(failure { _ = try look() }?.code == .serviceNotFound)
        try box.secret("layer3/other.yaml", "s3: {k: \(canary)}\n", for: key)
        try box.secret("layer1/cloud-credentials.yaml", "s3: {k: \(canary)}\n", for: key)
        let error = failure { _ = try look() }
        #expect(error?.code == .serviceNotFound)
        #expect(
            error?.message.contains(
                "neither cloud-credentials.yaml nor its encrypted form is in \(box.path("vault/dev"))/layer3"
            )
                == true
        )
        #expect(error?.message.contains("no credentials for layer3 in 'dev'") == true)
        #expect(error?.message.hasSuffix("(found: other.yaml)") == true)
    }

    @Test
    func aFileForOthersIsAnErrorOfTheVault() throws {
        try box.secret(Self.file, "s3: {k: \(canary)}\n", for: Key())
        #expect(failure { _ = try look() }?.code == .vault)
        box.set("KSTACK_AGE_KEY", nil)
        #expect(failure { _ = try look() }?.code == .vault)
    }

    @Test
    func aPlaintextThatOthersMayWriteIsRefused() throws {
        try box.secret(Self.file, "s3: {k: v}\n", for: key)
        try box.file("vault/dev/\(Self.file)", "s3: {k: \(canary)}\n", mode: 0o666)
        let error = failure { _ = try look() }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("chmod go-w") == true)
    }

    @Test
    func aFileThatIsTooLargeIsRefused() throws {
        try box.secret(Self.file, "s3: {k: " + String(repeating: "x", count: 17 << 20) + "}\n", for: key)
        #expect(failure { _ = try look() }?.code == .configuration)
    }
}
