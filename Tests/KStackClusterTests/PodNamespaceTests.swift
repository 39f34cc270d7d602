import KStackAny
import Testing

@testable import KStackCluster

/// The environment and the namespaces that follow from the pod's own.
@Suite
struct PodNamespaceTests {
    @Test(arguments: [
        ("layer-3-production", 3, "production"), ("layer-0-dev", 0, "dev"), ("layer-3-global-infra", 3, "global-infra"),
        ("layer-1-data-collection", 1, "data-collection"), ("layer-2-0", 2, "0"),
    ])
    func hasLayerAndEnvironment(text: String, number: Int, environment: String) throws {
        let namespace = try PodNamespace(text, named: nil)
        #expect(namespace.layer?.number == number)
        #expect(namespace.environment.text == environment)
    }

    @Test(arguments: [
        "", "default", "layer-3", "layer-3-", "layer--production", "layer-4-production", "layer-03-production",
        "layer-x-production", "Layer-3-production", "layer-3-Production", "xlayer-3-production", "layer_3_production",
        "layer-3-a/b", "layer-3-a?b", "layer-3-a.b", "layer-3-a b", "layer-3-ä",
        "layer-3-" + String(repeating: "a", count: 60), "layer3-production", "-layer-3-production",
    ])
    func anotherFormIsAnError(text: String) {
        #expect {
            try PodNamespace(text, named: nil)
        } throws: { error in
            guard let error = error as? KStackError else { return false }
            return error.code == .configuration && error.message.contains("dangerous")
                && error.message.contains("layer-3-production")
        }
    }

    @Test
    func anotherFormTakesItsEnvironmentFromTheManifest() throws {
        let namespace = try PodNamespace("team-a", named: "prod")
        #expect(namespace.environment.text == "prod")
        #expect(namespace.layer == nil)
        for layer in Layer.allCases { #expect(try namespace.namespace(of: layer) == layer.namespace) }
        for name in ["Prod", "a/b", "a b"] {
            let error = #expect(throws: KStackError.self) { try PodNamespace("team-a", named: name) }
            #expect(error?.code == .configuration)
            #expect(error?.message.hasPrefix("KSTACK_ENVIRONMENT: ") == true)
        }
    }

    @Test
    func namespaceAndManifestMustNotDiffer() throws {
        #expect(try PodNamespace("layer-3-production", named: "production").environment.text == "production")
        let error = #expect(throws: KStackError.self) { try PodNamespace("layer-3-production", named: "dev") }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("'production'") == true && error?.message.contains("'dev'") == true)
    }

    @Test
    func theVariableReachesLookUps() throws {
        let box = try Sandbox(namespace: "team-a")
        #expect(box.failure { _ = try box.credentials() }?.message.contains("set KSTACK_ENVIRONMENT") == true)
        box.set("KSTACK_ENVIRONMENT", "production")
        box.server.plan(.answer(404, notFound))
        #expect(box.failure { _ = try box.credentials(environment: "production") }?.code == .serviceNotFound)
        #expect(box.server.asked.first?.url.contains("/namespaces/team-a/secrets/layer3-s3-credentials") == true)
        #expect(box.failure { _ = try box.credentials(environment: "dev") }?.code == .configuration)
    }

    @Test
    func otherLayersAreInTheSameEnvironment() throws {
        let namespace = try PodNamespace("layer-3-staging", named: nil)
        #expect(try namespace.namespace(of: .globalInfrastructure) == "layer-3-staging")
        #expect(try namespace.namespace(of: .applications) == "layer-0-staging")
    }

    @Test
    func fixedNamesGoTogether() throws {
        let namespace = try PodNamespace("layer-3-global-infra", named: nil)
        #expect(try namespace.namespace(of: .globalInfrastructure) == "layer-3-global-infra")
        for layer in Layer.allCases { #expect(try namespace.namespace(of: layer) == layer.namespace) }
    }

    @Test
    func theFixedNameOfAnotherLayerIsAnEnvironment() throws {
        let namespace = try PodNamespace("layer-0-global-infra", named: nil)
        #expect(try namespace.namespace(of: .globalInfrastructure) == "layer-3-global-infra")
        #expect(try namespace.namespace(of: .globalServices) == "layer-2-global-infra")
    }

    @Test
    func anotherEnvironmentIsRefusedBeforeAnythingIsSent() throws {
        let box = try Sandbox()
        let error = try #require(box.failure { _ = try box.credentials(environment: "dev") })
        #expect(error.code == .configuration)
        #expect(error.message.contains("'dev'") && error.message.contains("'production'"))
        #expect(box.server.asked.isEmpty)
    }

    @Test(arguments: [
        ("10.0.0.1", "443", "https://10.0.0.1:443"), ("fd00::1", "6443", "https://[fd00::1]:6443"),
        ("::", "1", "https://[::]:1"), ("::1", "1", "https://[::1]:1"), ("1::", "1", "https://[1::]:1"),
        ("1:2:3:4:5:6:7:8", "1", "https://[1:2:3:4:5:6:7:8]:1"), ("1::3:4:5:6:7:8", "1", "https://[1::3:4:5:6:7:8]:1"),
        ("::ffff:10.0.0.1", "1", "https://[::ffff:10.0.0.1]:1"), ("FD00::aBcD", "1", "https://[FD00::aBcD]:1"),
        ("1:2:3:4:5:6:10.0.0.255", "1", "https://[1:2:3:4:5:6:10.0.0.255]:1"),
        ("kubernetes.default.svc", "65535", "https://kubernetes.default.svc:65535"),
    ])
    func theServerIsWhereTheVariablesSay(host: String, port: String, address: String) throws {
        let box = try Sandbox()
        box.set("KUBERNETES_SERVICE_HOST", host)
        box.set("KUBERNETES_SERVICE_PORT", port)
        #expect(try APIServer.address(box.pod().variables) == address)
    }

    @Test(arguments: [
        ("", "443"), ("a b", "443"), ("a/b", "443"), ("user@host", "443"), ("[::1]", "443"), ("::1%eth0", "443"),
        (":::", "443"), (":", "443"), ("::::", "443"), (":1", "443"), ("1:", "443"), (":1::", "443"), ("::1:", "443"),
        ("1::2::3", "443"), ("1:2:3:4:5:6:7", "443"), ("1:2:3:4:5:6:7:8:9", "443"), ("1:2:3:4:5:6:7:8::", "443"),
        ("12345::", "443"), ("g::", "443"), ("::1.2.3", "443"), ("::1.2.3.256", "443"), ("::1.2.3.4:5", "443"),
        ("::1.2.3.4.5", "443"), ("::1..3.4", "443"), ("1:2:3:4:5:6:7:1.2.3.4", "443"), ("...:", "443"),
        ("-a", "443"), (".a", "443"), ("a\n", "443"), ("host:443", "443"), (String(repeating: "a", count: 254), "443"),
        ("host", ""), ("host", "0"), ("host", "65536"), ("host", "-1"), ("host", "+443"), ("host", "4 43"),
        ("host", "443/x"), ("host", "٤٤٣"), ("höst", "443"),
    ])
    func invalidAddressesAreRefused(host: String, port: String) throws {
        let box = try Sandbox()
        box.set("KUBERNETES_SERVICE_HOST", host)
        box.set("KUBERNETES_SERVICE_PORT", port)
        let error = try #require(box.failure { _ = try box.credentials() })
        #expect(error.code == .configuration)
        #expect(error.message.contains("KUBERNETES_SERVICE_"))
        #expect(box.server.asked.isEmpty)
    }
}
