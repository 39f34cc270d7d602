import KStackAny
import Testing

/// Which provider serves a layer, at which address, with which credentials.
@Suite
struct ServiceResolverTests {
    private static let environment = """
        environment: dev
        deployment_targets:
          layer1: {provider: aws-eu}
          layer3: {provider: localstack, note: left alone}
        allow_provider_override: true
        """

    private static let localstack = """
        name: localstack
        description: left alone
        provider_family: aws
        provider_implementation: localstack
        region: us-east-1
        services:
          s3:
            endpoint_url: http://localstack.{{layer.namespace}}:4566
            presigned_url_domain: s3.{{environment}}.example.org
            verify_ssl: false
            bucket: "{{ layer.name }}-{{layer.number}}"
            options: {style: path, hosts: ["a.{{environment}}", 0123]}
          sqs:
          kms: {region: eu-west-3, endpoint_url: null}
        """

    private var configuration = TextConfiguration(
        environments: ["dev": environment],
        providers: [
            "localstack": localstack,
            "aws-eu": """
            name: aws-eu
            provider_family: aws
            provider_implementation: aws
            services: {s3: {}}
            """,
        ]
    )

    private var secrets = TextSecrets(texts: [
        "layer3/s3/dev": "access_key_id: AKIA\nsecret_access_key: made-up\nnested: {a: 1}\n",
        "layer3/sqs/dev": "access_key_id: of-sqs\n",
        "layer3/kms/dev": "access_key_id: of-kms\n",
        "layer3/aws-eu/dev": "access_key_id: of-aws-eu\n",
        "layer1/s3/dev": "access_key_id: of-layer1\n",
    ])

    private func resolve(
        _ service: String = "s3",
        _ layer: Layer = .globalInfrastructure,
        environment: String? = "dev",
        provider: String? = nil
    ) throws -> Credentials {
        try ServiceResolver(configuration: configuration, secrets: secrets).resolve(
            Name(service, kind: "a service"),
            layer: layer,
            environment: environment.map { try Name($0, kind: "an environment") },
            provider: provider.map { try Name($0, kind: "a provider") }
        )
    }

    @Test
    func theAnswerHasEverythingInOrder() throws {
        let found = try resolve()
        #expect(
            found.pairs == [
                "provider=localstack", "family=aws", "implementation=localstack", "region=us-east-1",
                "endpoint_url=http://localstack.layer-3-global-infra:4566", "presigned_url_domain=s3.dev.example.org",
                "verify_ssl=false", "access_key_id=AKIA", "secret_access_key=made-up", #"nested={"a":"1"}"#,
                "bucket=layer3-3", #"options={"style":"path","hosts":["a.dev","0123"]}"#,
            ]
        )
        #expect(
            found.text(found.json) == #"{"provider":"localstack","family":"aws","implementation":"localstack","#
                + #""region":"us-east-1","endpoint_url":"http://localstack.layer-3-global-infra:4566","#
                + #""presigned_url_domain":"s3.dev.example.org","verify_ssl":"false","access_key_id":"AKIA","#
                + #""secret_access_key":"made-up","nested":{"a":"1"},"bucket":"layer3-3","#
                + #""options":{"style":"path","hosts":["a.dev","0123"]}}"#
        )
        #expect(found.text(found.source) == "providers/localstack.yaml and layer3/s3/dev")
        #expect(found.end(of: found.json) == 0)
    }

    @Test
    func absentFieldsAreLeftOut() throws {
        #expect(
            try resolve("sqs").pairs == [
                "provider=localstack", "family=aws", "implementation=localstack", "region=us-east-1",
                "verify_ssl=true", "access_key_id=of-sqs",
            ]
        )
        #expect(try resolve("kms")["region"] == "eu-west-3")
        #expect(try resolve("kms")["endpoint_url"] == nil)
        #expect(
            try resolve("s3", .tenantInfrastructure).pairs == [
                "provider=aws-eu", "family=aws", "implementation=aws", "verify_ssl=true", "access_key_id=of-layer1",
            ]
        )
    }

    @Test
    func theEnvironmentIsTheDetectedOneUnlessOneIsNamed() throws {
        #expect(try resolve(environment: nil)["provider"] == "localstack")
        #expect(failure { _ = try resolve(environment: "prod") }?.message == "no environments/prod")
    }

    @Test(arguments: [Layer.applications, .globalServices])
    func layersWithoutCloudServicesAreRefusedBeforeAnythingIsRead(layer: Layer) throws {
        let nothing = ServiceResolver(configuration: TextConfiguration(), secrets: TextSecrets())
        let error = failure {
            _ = try nothing.resolve(Name("s3", kind: "a service"), layer: layer, environment: nil, provider: nil)
        }
        #expect(error?.code == .layerAccess)
        #expect(error?.message.contains("\(layer.name) has no cloud services; only layer1 and layer3") == true)
    }

    @Test
    func anotherProviderNeedsPermission() throws {
        var test = self
        #expect(try resolve(provider: "localstack")["access_key_id"] == "AKIA")
        // Not the target's: the credentials are those named after the provider.
        #expect(try resolve(provider: "aws-eu")["access_key_id"] == "of-aws-eu")
        for text in ["", "allow_provider_override: false", "allow_provider_override:"] {
            test.configuration.environments["dev"] =
                "environment: dev\ndeployment_targets: {layer3: {provider: localstack}}\n\(text)\n"
            #expect(try test.resolve(provider: "localstack")["provider"] == "localstack")
            let error = failure { _ = try test.resolve(provider: "aws-eu") }
            #expect(error?.code == .configuration)
            #expect(error?.message.contains("'aws-eu' is not the one of layer3 in environments/dev.yaml") == true)
            #expect(error?.message.contains("('localstack')") == true)
            #expect(error?.message.contains("allow_provider_override: true") == true)
        }
    }

    @Test
    func aLayerWithoutATargetHasNoProvider() throws {
        var test = self
        test.configuration.environments["dev"] = "environment: dev\ndeployment_targets: {layer3: {provider: x}}\n"
        let error = failure { _ = try test.resolve("s3", .tenantInfrastructure) }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("no deployment_targets.layer1.provider; layers with one: layer3") == true)
    }

    @Test
    func aServiceThatTheProviderDoesNotHaveIsNotFound() {
        let error = failure { _ = try resolve("dynamodb") }
        #expect(error?.code == .serviceNotFound)
        #expect(error?.message.hasSuffix("in providers/localstack.yaml; available: s3, sqs, kms") == true)
    }

    @Test(arguments: ["access_key_id: ''\n", "access_key_id:\nsecret: null\n", "{}\n"])
    func emptyCredentialsAreNotFound(text: String) {
        var test = self
        test.secrets.texts["layer3/s3/dev"] = text
        let error = failure { _ = try test.resolve() }
        #expect(error?.code == .serviceNotFound)
        #expect(error?.message.contains("layer3/s3/dev holds no credentials") == true)
    }

    @Test(arguments: [
        "provider", "family", "implementation", "bucket",
    ])
    func reservedCredentialNamesAreRefused(name: String) {
        var test = self
        test.secrets.texts["layer3/s3/dev"] = "\(name): canary-4711\n"
        let error = failure { _ = try test.resolve() }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("layer3/s3/dev: the name '\(name)' is taken") == true)
        #expect(error?.message.contains("canary") == false)
    }

    @Test(arguments: ["region", "endpoint_url", "presigned_url_domain", "verify_ssl"])
    func configurationAndCredentialsMustAgree(name: String) throws {
        var test = self
        test.secrets.texts["layer3/s3/dev"] = "\(name): canary-4711\nkey: x\n"
        let error = failure { _ = try test.resolve() }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("\(name) is ") == true)
        #expect(error?.message.contains("in providers/localstack.yaml, and something else in layer3/s3/dev") == true)
        #expect(error?.message.contains("canary") == false)
        let configured = try #require(try resolve()[name])
        test.secrets.texts["layer3/s3/dev"] = "\(name): '\(configured)'\nkey: x\nnested: {a: 1}\n"
        let found = try test.resolve()
        #expect(found[name] == configured)
        #expect(found.pairs.filter { $0.hasPrefix("\(name)=") }.count == 1)
        #expect(found["nested"] == #"{"a":"1"}"#)
    }

    @Test
    func credentialsMaySetWhatIsNotConfigured() throws {
        var test = self
        test.secrets.texts["layer3/kms/dev"] = "endpoint_url: http://kms:1\nverify_ssl: 'false'\nkey: x\n"
        let found = try test.resolve("kms")
        #expect(found["endpoint_url"] == "http://kms:1")
        #expect(found["verify_ssl"] == "false")
        #expect(found.pairs.last == "key=x")
        test.secrets.texts["layer3/kms/dev"] = "verify_ssl: canary-4711\nkey: x\n"
        #expect(failure { _ = try test.resolve("kms") }?.message.contains("verify_ssl must be true or false") == true)
    }

    @Test
    func withoutAnyConfigurationCredentialsAnswerAlone() throws {
        var test = self
        test.configuration = TextConfiguration(isNotThere: true)
        test.secrets.texts["layer3/s3/dev"] =
            "endpoint_url: http://minio:9000\naws_region: eu-west-1\naccess_key_id: AKIA\npresigned_url_domain: f.example\n"
        #expect(
            try test.resolve().pairs == [
                "region=eu-west-1", "endpoint_url=http://minio:9000", "presigned_url_domain=f.example",
                "verify_ssl=true",
                "access_key_id=AKIA",
            ]
        )
        test.secrets.texts["layer3/s3/dev"] = "region: us-east-1\naccess_key_id: AKIA\n"
        #expect(try test.resolve().pairs == ["region=us-east-1", "verify_ssl=true", "access_key_id=AKIA"])
        test.secrets.texts["layer3/s3/dev"] = "access_key_id: AKIA\n"
        let error = failure { _ = try test.resolve() }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("add endpoint_url or region") == true)
        // A named provider needs configuration.
        #expect(failure { _ = try test.resolve(provider: "aws-eu") }?.message == "no environments/dev")
        // Where there is some configuration, a missing file is an error.
        test.configuration.isNotThere = false
        #expect(failure { _ = try test.resolve() }?.message == "no environments/dev")
    }

    @Test
    func servicesMayBeAList() throws {
        var test = self
        test.configuration.providers["localstack"] =
            "name: localstack\nprovider_family: aws\nprovider_implementation: localstack\nservices: [s3, kms]\n"
        #expect(try test.resolve("kms").pairs.contains("access_key_id=of-kms"))
        #expect(failure { _ = try test.resolve("sqs") }?.message.hasSuffix("available: s3, kms") == true)
        test.configuration.providers["localstack"] =
            "name: localstack\nprovider_family: aws\nprovider_implementation: localstack\nservices: [s3, {a: b}, X]\n"
        let error = failure { _ = try test.resolve() }
        #expect(error?.message.contains("services[1] is a mapping") == true)
        #expect(error?.message.contains("services[2] is 'X'") == true)
    }

    @Test
    func layersAreNamedInAnyForm() throws {
        var test = self
        for name in ["layer3", "'3'", "3", "LAYER3", "layer-3-global-infra"] {
            test.configuration.environments["dev"] =
                "environment: dev\ndeployment_targets: {\(name): {provider: aws-eu}}\n"
            #expect(try test.resolve()["provider"] == "aws-eu")
        }
    }

    @Test
    func aTargetMayBeNamedAfterTheEnvironment() throws {
        var test = self
        test.configuration.environments["dev"] =
            "environment: dev\ndeployment_targets: {layer3: {provider: 'stack-{{environment}}-{{layer.number}}'}}\n"
        #expect(failure { _ = try test.resolve() }?.message == "no providers/stack-dev-3")
    }

    @Test(arguments: [
        ("a}}b", "a}}b"), ("{a}", "{a}"), ("{{environment}}{{environment}}", "devdev"),
        ("{{  environment  }}", "dev"), ("é{{layer.number}}é", "é3é"), ("{{environment}} }}", "dev }}"),
    ])
    func templatesAreReplaced(text: String, wanted: String) throws {
        var test = self
        test.configuration.providers["localstack"] = """
            name: localstack
            provider_family: aws
            provider_implementation: minio
            services: {s3: {bucket: "\(text)"}}
            """
        #expect(try test.resolve()["bucket"] == wanted)
    }
}
