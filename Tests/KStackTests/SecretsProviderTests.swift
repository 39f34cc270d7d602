import KStackAny
import TestSupport
import Testing

/// What every secrets provider must do, whatever its source is: parity is the contract of kstack.
///
/// A new provider is another case of `ProviderUnderTest`.
@Suite
struct SecretsProviderTests {
    private static let environment = "production"

    private static let services: [String: [String: String]] = [
        "s3": [
            "access_key_id": "AKIA", "empty": "", "factor": "1e5", "lines": "one\ntwo\n", "number": "0123",
            "umlaut": "grün ☃", "word": "yes",
        ],
        "queue": ["token": "of the queue"],
        "localstack": ["id": "of another provider"],
    ]

    private static let secrets = ["DB_PASSWORD": "pass: #word", "api-key": "\"quoted\""]

    private func provider(_ kind: ProviderUnderTest) throws -> any SecretsProvider {
        try kind.make(services: Self.services, secrets: Self.secrets, layer: "layer3", environment: Self.environment)
    }

    private func name(_ text: String) throws -> Name { try Name(text, kind: "a name") }

    @Test(arguments: ProviderUnderTest.allCases)
    func valuesAreUnchangedStrings(kind: ProviderUnderTest) throws {
        let provider = try provider(kind)
        for (service, expected) in Self.services where service != "localstack" {
            for environment in [nil, try name(Self.environment)] {
                let found = try provider.credentials(
                    service: name(service),
                    layer: .globalInfrastructure,
                    environment: environment
                )
                #expect(found.values == expected)
                #expect(!found.sourceText.isEmpty)
            }
        }
    }

    @Test(arguments: ProviderUnderTest.allCases)
    func loadsAllSecretsOfALayerAndNoCredentials(kind: ProviderUnderTest) throws {
        let provider = try provider(kind)
        #expect(try provider.secrets(of: .globalInfrastructure, environment: nil).values == Self.secrets)
    }

    @Test(arguments: ProviderUnderTest.allCases)
    func missingNamesAreNotFoundAndNotRetryable(kind: ProviderUnderTest) throws {
        let provider = try provider(kind)
        let failures = [
            failure {
                try provider.credentials(service: name("absent"), layer: .globalInfrastructure, environment: nil)
            },
            failure { try provider.credentials(service: name("s3"), layer: .tenantInfrastructure, environment: nil) },
            failure { try provider.secrets(of: .tenantInfrastructure, environment: nil) },
        ]
        for error in failures {
            #expect(error?.code == .serviceNotFound)
            #expect(error?.isRetryable == false)
            for secret in ["AKIA", "of the queue", "pass: #word"] {
                #expect(error?.message.contains(secret) == false)
            }
        }
    }

    @Test(arguments: ProviderUnderTest.allCases)
    func anotherEnvironmentIsNotAnswered(kind: ProviderUnderTest) throws {
        let provider = try provider(kind)
        let other = try name("staging")
        #expect(
            failure { try provider.credentials(service: name("s3"), layer: .globalInfrastructure, environment: other) }
                != nil
        )
        #expect(failure { try provider.secrets(of: .globalInfrastructure, environment: other) } != nil)
    }

    @Test(arguments: ProviderUnderTest.allCases)
    func theTargetsServiceHasItsOwnCredentialsAndAnotherProviderItsOwn(kind: ProviderUnderTest) throws {
        let provider = try provider(kind)
        let target = try provider.credentials(
            service: name("queue"),
            ofTarget: name("aws"),
            layer: .globalInfrastructure,
            environment: nil
        )
        #expect(target.values == Self.services["queue"])
        let other = try provider.credentials(
            ofProvider: name("localstack"),
            layer: .globalInfrastructure,
            environment: nil
        )
        #expect(other.values == Self.services["localstack"])
    }

    @Test(arguments: ProviderUnderTest.allCases)
    func manyThreadsGetTheSame(kind: ProviderUnderTest) async throws {
        let provider = try provider(kind)
        try await withThrowingTaskGroup(of: [String: String].self) { group in
            for _ in 0..<16 {
                group.addTask {
                    try provider.credentials(
                        service: Name("s3", kind: "a service"),
                        layer: .globalInfrastructure,
                        environment: nil
                    ).values
                }
            }
            for try await values in group { #expect(values == Self.services["s3"]) }
        }
    }

    /// The error of a look-up; nil where it has none.
    private func failure(_ look: () throws -> Credentials) -> KStackError? {
        caught(KStackError.self) { _ = try look() }
    }
}

extension Credentials {
    /// The values by name.
    fileprivate var values: [String: String] {
        var values: [String: String] = [:]
        for position in 0..<count {
            guard let name = name(at: position), let value = value(at: position) else { continue }
            arena.withUnsafeBytes { bytes in
                values[String(decoding: bytes[name], as: UTF8.self)] = String(decoding: bytes[value], as: UTF8.self)
            }
        }
        return values
    }
}
