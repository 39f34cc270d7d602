import KStackAny
import Testing

/// What the files of environments and providers may hold.
@Suite
struct SchemaTests {
    private static let provider = [
        "name": "p", "provider_family": "aws", "provider_implementation": "aws", "services": "{s3: {}}",
    ]
    private static let environment = ["environment": "dev", "deployment_targets": "{layer3: {provider: p}}"]

    private func file(_ entries: [String: String]) -> String {
        entries.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)\n" }.joined()
    }

    private func resolve(environment: String, provider: String) throws -> Credentials {
        try ServiceResolver(
            configuration: TextConfiguration(environments: ["dev": environment], providers: ["p": provider]),
            secrets: TextSecrets(texts: ["layer3/s3/dev": "id: 1"])
        ).resolve(Name("s3", kind: "a service"), layer: .globalInfrastructure, environment: nil, provider: nil)
    }

    private func error(environment: [String: String] = environment, provider: [String: String] = provider) -> String {
        let error = failure { _ = try resolve(environment: file(environment), provider: file(provider)) }
        #expect(error == nil || error?.code == .configuration)
        return error?.message ?? "none"
    }

    @Test
    func minimalFilesAreValid() {
        #expect(error() == "none")
    }

    /// Key, value (nil: the key is absent), and part of the error.
    @Test(arguments: [
        ("environment", nil, "environment is missing, expected dev, the environment that was asked for"),
        ("environment", "prod", "line 2: environment is 'prod', expected dev"),
        ("environment", "[dev]", "line 2: environment is a list, expected dev"),
        ("deployment_targets", nil, "deployment_targets is missing, expected a mapping of layers"),
        ("deployment_targets", "localstack", "line 1: deployment_targets is 'localstack', expected a mapping"),
        ("deployment_targets", "{layer3: p}", "line 1: deployment_targets.layer3 is 'p', expected a mapping with"),
        ("deployment_targets", "{layer3: {}}", "deployment_targets.layer3.provider is missing, expected the name"),
        ("deployment_targets", "{layer3: {provider: P Q}}", "line 1: deployment_targets.layer3.provider is 'P Q'"),
        ("deployment_targets", "{layer3: {provider: [p]}}", "layer3.provider is a list, expected the name"),
        ("deployment_targets", "{layer3: {provider: '{{x}}'}}", "layer3.provider is '{{x}}', expected"),
        ("deployment_targets", "{layer3: {provider: p}, layer1: {}}", "layer1.provider is missing, expected"),
        ("deployment_targets", "{layer3: {provider: p}, layer0: {provider: []}}", "layer0.provider is a l"),
        ("deployment_targets", "{layer9: {provider: p}}", "layer9 as a key is 'layer9', expected layer0,"),
        ("deployment_targets", "{layer3: {provider: p}, '3': {provider: p}}", "layer3 came before"),
        ("allow_provider_override", "yes", "line 1: allow_provider_override is 'yes', expected true, false"),
        ("allow_provider_override", "[true]", "line 1: allow_provider_override is a list, expected true, false"),
    ])
    func invalidEnvironmentFilesAreRefused(key: String, value: String?, message: String) {
        var entries = Self.environment
        entries[key] = value
        let error = error(environment: entries)
        #expect(error.hasPrefix("environments/dev.yaml is invalid: "), "\(error)")
        #expect(error.contains(message), "\(error)")
    }

    @Test(arguments: [
        ("name", nil, "name is missing, expected p, the provider that was asked for"),
        ("name", "q", "line 1: name is 'q', expected p"),
        ("provider_family", nil, "provider_family is missing, expected aws, gcp, azure"),
        ("provider_family", "AWS", "line 2: provider_family is 'AWS', expected aws, gcp, azure"),
        ("provider_family", "gcp", "line 3: provider_implementation is 'aws', expected gcp"),
        ("provider_family", "azure", "line 3: provider_implementation is 'aws', expected azure"),
        ("provider_implementation", nil, "provider_implementation is missing, expected localstack, aws, digitaloc"),
        ("provider_implementation", "gcp", "is 'gcp', expected localstack, aws, digitalocean, minio"),
        ("provider_implementation", "{aws: 1}", "line 3: provider_implementation is a mapping, expected"),
        ("region", "''", "line 4: region is '', expected a string that is not empty, or null"),
        ("region", "[a]", "line 4: region is a list, expected a string that is not empty, or null"),
        ("region", "'{{region}}'", "line 4: region is '{{region}}', expected {{layer.namespace}}"),
        ("verify_ssl", "no", "line 5: verify_ssl is 'no', expected true, false"),
        ("services", nil, "services is missing, expected a mapping of services"),
        ("services", "s3", "line 4: services is 's3', expected a mapping of services, or a list of their names"),
        ("services", "{s3: http://x}", "line 4: services.s3 is 'http://x', expected a mapping, or null"),
        ("services", "{S3: {}}", "line 4: services.S3 as a key is 'S3', expected the name of a service"),
        ("services", "{'a b': {}}", "line 4: services.'a b' as a key is 'a b', expected the name of a service"),
        ("services", "{s3: {endpoint_url: [x]}}", "line 4: services.s3.endpoint_url is a list, expected a string"),
        ("services", "{s3: {endpoint_url: {}}}", "line 4: services.s3.endpoint_url is a mapping, expected a string"),
        ("services", "{s3: {presigned_url_domain: []}}", "line 4: services.s3.presigned_url_domain is a list"),
        ("services", "{s3: {region: ''}}", "line 4: services.s3.region is '', expected a string"),
        ("services", "{s3: {verify_ssl: 0}}", "line 4: services.s3.verify_ssl is '0', expected true, false"),
        (
            "services", "{s3: {family: aws}}",
            "line 4: services.s3.family as a key is 'family', expected a name that"
        ),
        ("services", "{s3: {x: '{{a}}'}}", "line 4: services.s3.x is a string, expected {{layer.namespace}}"),
        ("services", "{s3: {x: 'a{{environment'}}", "line 4: services.s3.x is a string, expected"),
        ("services", "{s3: {x: '{{}}'}}", "line 4: services.s3.x is a string, expected {{layer.namespace}}"),
        ("services", "{s3: {x: {y: [a, '{{z}}']}}}", "line 4: services.s3.x.y[1] is a string, expected"),
        // Also the violations of a service that is not asked for.
        ("services", "{s3: {}, sqs: {endpoint_url: '{{z}}'}}", "line 4: services.sqs.endpoint_url is '{{z}}'"),
    ])
    func invalidProviderFilesAreRefused(key: String, value: String?, message: String) {
        var entries = Self.provider
        entries[key] = value
        let error = error(provider: entries)
        #expect(error.hasPrefix("providers/p.yaml is invalid: "), "\(error)")
        #expect(error.contains(message), "\(error)")
    }

    @Test(arguments: ["", "- a\n", "text\n", "null\n"])
    func aFileThatIsNotAMappingIsRefused(text: String) {
        let sound = (file(Self.environment), file(Self.provider))
        for (environment, provider) in [(text, sound.1), (sound.0, text)] {
            let error = failure { _ = try resolve(environment: environment, provider: provider) }
            #expect(error?.code == .configuration)
            #expect(error?.message.contains("line 1: found") == true)
        }
    }

    @Test
    func allViolationsAreReportedAtOnce() {
        let provider = ["provider_family": "x", "region": "[]", "services": "{s3: {verify_ssl: x, endpoint_url: []}}"]
        let error = error(provider: provider)
        for place in [
            "name is", "provider_family is", "provider_implementation is", "region is", "s3.verify_ssl is",
            "s3.endpoint_",
        ] {
            #expect(error.contains(place), "\(error)")
        }
        #expect(error.split(separator: ";").count == 6)
        #expect(!error.contains("more"))
    }

    @Test
    func ofVeryManyViolationsTheFirstAreReported() {
        var entries = Self.provider
        entries["services"] = "{" + (0..<5000).map { "s\($0): x" }.joined(separator: ", ") + "}"
        let error = error(provider: entries)
        #expect(error.utf8.count < 4096)
        #expect(error.contains("line 4: services.s0 is 'x'"))
        #expect(error.contains("; and 4"))
        #expect(error.hasSuffix(" more"))
    }

    @Test
    func aVeryDeepPathIsTruncated() {
        let key = String(repeating: "k", count: 64)
        let depth = 50
        var entries = Self.provider
        entries["services"] =
            "{s3: " + String(repeating: "{\(key): ", count: depth) + "'{{x}}'"
            + String(repeating: "}", count: depth + 1)
        let error = error(provider: entries)
        #expect(error.contains("services.s3.\(key).kkk"))
        #expect(error.contains("… is a string, expected {{layer.namespace}}"))
        #expect(error.utf8.count < 1000)
    }

    @Test
    func invalidKeysAreTruncatedAndPrintable() {
        // Vowel signs are letters to Unicode, and any number of them makes one character.
        let key = String(repeating: "\u{93F}", count: 900) + "\u{1B}[31m"
        var entries = Self.provider
        entries["services"] = "{\"\(key.replacing("\u{1B}", with: "\\e"))\": {x: {'\(key.prefix(1))': '{{x}}'}}}"
        let error = error(provider: entries)
        #expect(error.contains(", expected {{layer.namespace}}"))
        #expect(error.utf8.count < 4096)
        #expect(!error.contains("\u{1B}"))
    }
}
