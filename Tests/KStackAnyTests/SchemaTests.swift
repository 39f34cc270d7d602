import KStackAny
import Testing

/// What may stand in the files of environments and providers.
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
    func theSmallestFilesWillDo() {
        #expect(error() == "none")
    }

    /// Key, value (nil: the key is absent), and what the error says of it.
    @Test(arguments: [
        ("environment", nil, "environment: found nothing, allowed: dev, the environment that was asked for"),
        ("environment", "prod", "environment, line 2: found 'prod', allowed: dev"),
        ("environment", "[dev]", "environment, line 2: found a list, allowed: dev"),
        ("deployment_targets", nil, "deployment_targets: found nothing, allowed: a mapping of layers"),
        ("deployment_targets", "localstack", "deployment_targets, line 1: found 'localstack', allowed: a mapping"),
        ("deployment_targets", "{layer3: p}", "deployment_targets.layer3, line 1: found 'p', allowed: a mapping with"),
        ("deployment_targets", "{layer3: {}}", "deployment_targets.layer3.provider: found nothing, allowed: the name"),
        ("deployment_targets", "{layer3: {provider: P Q}}", "deployment_targets.layer3.provider, line 1: found 'P Q'"),
        ("deployment_targets", "{layer3: {provider: [p]}}", "layer3.provider, line 1: found a list, allowed: the name"),
        ("deployment_targets", "{layer3: {provider: '{{x}}'}}", "layer3.provider, line 1: found '{{x}}', allowed:"),
        ("deployment_targets", "{layer3: {provider: p}, layer1: {}}", "layer1.provider: found nothing, allowed"),
        ("deployment_targets", "{layer3: {provider: p}, layer0: {provider: []}}", "layer0.provider, line 1: found a l"),
        ("deployment_targets", "{layer9: {provider: p}}", "layer9 as a key, line 1: found 'layer9', allowed: layer0,"),
        ("deployment_targets", "{layer3: {provider: p}, '3': {provider: p}}", "layer3 came before"),
        ("allow_provider_override", "yes", "allow_provider_override, line 1: found 'yes', allowed: true, false"),
        ("allow_provider_override", "[true]", "allow_provider_override, line 1: found a list, allowed: true, false"),
    ])
    func whatAnEnvironmentMayNotSay(key: String, value: String?, message: String) {
        var entries = Self.environment
        entries[key] = value
        let error = error(environment: entries)
        #expect(error.hasPrefix("environments/dev.yaml is not as it must be. "), "\(error)")
        #expect(error.contains(message), "\(error)")
    }

    @Test(arguments: [
        ("name", nil, "name: found nothing, allowed: p, the provider that was asked for"),
        ("name", "q", "name, line 1: found 'q', allowed: p"),
        ("provider_family", nil, "provider_family: found nothing, allowed: aws, gcp, azure"),
        ("provider_family", "AWS", "provider_family, line 2: found 'AWS', allowed: aws, gcp, azure"),
        ("provider_family", "gcp", "provider_implementation, line 3: found 'aws', allowed: gcp"),
        ("provider_family", "azure", "provider_implementation, line 3: found 'aws', allowed: azure"),
        ("provider_implementation", nil, "provider_implementation: found nothing, allowed: localstack, aws, digitaloc"),
        ("provider_implementation", "gcp", "found 'gcp', allowed: localstack, aws, digitalocean, minio"),
        ("provider_implementation", "{aws: 1}", "provider_implementation, line 3: found a mapping, allowed:"),
        ("region", "''", "region, line 4: found '', allowed: a text that is not empty, or null"),
        ("region", "[a]", "region, line 4: found a list, allowed: a text that is not empty, or null"),
        ("region", "'{{region}}'", "region, line 4: found '{{region}}', allowed: {{layer.namespace}}"),
        ("verify_ssl", "no", "verify_ssl, line 5: found 'no', allowed: true, false"),
        ("services", nil, "services: found nothing, allowed: a mapping of services"),
        ("services", "[s3]", "services, line 4: found a list, allowed: a mapping of services"),
        ("services", "{s3: http://x}", "services.s3, line 4: found 'http://x', allowed: a mapping, or null"),
        ("services", "{S3: {}}", "services.S3 as a key, line 4: found 'S3', allowed: the name of a service"),
        ("services", "{'a b': {}}", "services.'a b' as a key, line 4: found 'a b', allowed: the name of a service"),
        ("services", "{s3: {endpoint_url: [x]}}", "services.s3.endpoint_url, line 4: found a list, allowed: a text"),
        ("services", "{s3: {endpoint_url: {}}}", "services.s3.endpoint_url, line 4: found a mapping, allowed: a text"),
        ("services", "{s3: {presigned_url_domain: []}}", "services.s3.presigned_url_domain, line 4: found a list"),
        ("services", "{s3: {region: ''}}", "services.s3.region, line 4: found '', allowed: a text"),
        ("services", "{s3: {verify_ssl: 0}}", "services.s3.verify_ssl, line 4: found '0', allowed: true, false"),
        (
            "services", "{s3: {family: aws}}",
            "services.s3.family as a key, line 4: found 'family', allowed: a name that"
        ),
        ("services", "{s3: {x: '{{a}}'}}", "services.s3.x, line 4: found a text, allowed: {{layer.namespace}}"),
        ("services", "{s3: {x: 'a{{environment'}}", "services.s3.x, line 4: found a text, allowed"),
        ("services", "{s3: {x: '{{}}'}}", "services.s3.x, line 4: found a text, allowed: {{layer.namespace}}"),
        ("services", "{s3: {x: {y: [a, '{{z}}']}}}", "services.s3.x.y[1], line 4: found a text, allowed"),
        // Also what is wrong with a service that nobody asked for.
        ("services", "{s3: {}, sqs: {endpoint_url: '{{z}}'}}", "services.sqs.endpoint_url, line 4: found '{{z}}'"),
    ])
    func whatAProviderMayNotSay(key: String, value: String?, message: String) {
        var entries = Self.provider
        entries[key] = value
        let error = error(provider: entries)
        #expect(error.hasPrefix("providers/p.yaml is not as it must be. "), "\(error)")
        #expect(error.contains(message), "\(error)")
    }

    @Test(arguments: ["", "- a\n", "text\n", "null\n"])
    func aFileThatIsNoMappingIsRefused(text: String) {
        let sound = (file(Self.environment), file(Self.provider))
        for (environment, provider) in [(text, sound.1), (sound.0, text)] {
            let error = failure { _ = try resolve(environment: environment, provider: provider) }
            #expect(error?.code == .configuration)
            #expect(error?.message.contains("the file, line 1: found") == true)
        }
    }

    @Test
    func allOfAFileIsToldAtOnce() {
        let provider = ["provider_family": "x", "region": "[]", "services": "{s3: {verify_ssl: x, endpoint_url: []}}"]
        let error = error(provider: provider)
        for place in [
            "name:", "provider_family,", "provider_implementation:", "region,", "s3.verify_ssl,", "s3.endpoint_",
        ] {
            #expect(error.contains(place), "\(error)")
        }
        #expect(error.split(separator: ";").count == 6)
        #expect(!error.contains("more"))
    }

    @Test
    func amongVeryManyTheFirstAreTold() {
        var entries = Self.provider
        entries["services"] = "{" + (0..<5000).map { "s\($0): x" }.joined(separator: ", ") + "}"
        let error = error(provider: entries)
        #expect(error.utf8.count < 4096)
        #expect(error.contains("services.s0, line 4: found 'x'"))
        #expect(error.contains("; and 4"))
        #expect(error.hasSuffix(" more"))
    }

    @Test
    func aPlaceThatIsVeryDeepIsCut() {
        let key = String(repeating: "k", count: 64)
        let depth = 50
        var entries = Self.provider
        entries["services"] =
            "{s3: " + String(repeating: "{\(key): ", count: depth) + "'{{x}}'"
            + String(repeating: "}", count: depth + 1)
        let error = error(provider: entries)
        #expect(error.contains("services.s3.\(key).kkk"))
        #expect(error.contains("…, line 4: found a text, allowed: {{layer.namespace}}"))
        #expect(error.utf8.count < 1000)
    }

    @Test
    func keysThatAreNoNamesAreCutAndPrintable() {
        // Vowel signs are letters to Unicode, and any number of them makes one character.
        let key = String(repeating: "\u{93F}", count: 900) + "\u{1B}[31m"
        var entries = Self.provider
        entries["services"] = "{\"\(key.replacing("\u{1B}", with: "\\e"))\": {x: {'\(key.prefix(1))': '{{x}}'}}}"
        let error = error(provider: entries)
        #expect(error.contains(", allowed: {{layer.namespace}}"))
        #expect(error.utf8.count < 4096)
        #expect(!error.contains("\u{1B}"))
    }
}
