import KStackAny
import TestSupport
import Testing

@testable import KStackCluster

/// Config maps, and the active route.
@Suite
struct ConfigurationTests {
    private let box: Sandbox
    private let layer = Layer.globalInfrastructure

    init() throws { box = try Sandbox() }

    private func value(_ key: String, in name: String = "settings", layer: Layer? = nil) throws -> String? {
        try ConfigMaps(pod: box.pod()).value(
            of: ConfigMapKey(key),
            in: ConfigMapName(name),
            layer: layer ?? self.layer
        ).string
    }

    private var configuration: ClusterConfiguration { ClusterConfiguration(pod: box.pod()) }

    @Test
    func returnsTheValueOfAKey() throws {
        box.server.plan(.answer(200, configMap(["a.yaml": " x\\n", "empty": ""])))
        #expect(try value("a.yaml") == " x\n")
        #expect(try value("empty") == "")
        #expect(try value("a.yaml", layer: .applications) == " x\n")
        #expect(box.server.asked.first?.url.contains("/namespaces/layer-3-production/configmaps/settings?") == true)
        #expect(box.server.asked.last?.url.contains("/namespaces/layer-0-production/configmaps/settings?") == true)
    }

    @Test
    func aMissingKeyIsAnErrorThatListsTheOthers() throws {
        box.server.plan(.answer(200, configMap(["one": "1", "two": "2", "\(canary) no key": "3"])))
        let error = try #require(box.failure { _ = try value("three") })
        #expect(error.code == .serviceNotFound)
        #expect(error.message.contains("one") && error.message.contains("two") && error.message.contains("three"))
        box.server.plan(.answer(200, "{\"kind\": \"ConfigMap\", $metadata}"))
        #expect(box.failure { _ = try value("three") }?.code == .serviceNotFound)
    }

    @Test(arguments: [
        ("\"data\": {\"a\": \"\\u0000\"}", KStackError.Code.configuration),
        ("\"binaryData\": {\"a\": \"YQ==\"}", .configuration), ("\"data\": {\"a\": [\"b\"]}", .clusterAPI),
        ("\"data\": {\"a\": null}", .clusterAPI), ("\"data\": {\"a\": 1}", .clusterAPI),
        ("\"data\": {\"a\": true}", .clusterAPI),
    ])
    func valuesThatAreNotStringsAreRefused(data: String, code: KStackError.Code) throws {
        box.server.plan(.answer(200, "{\"kind\": \"ConfigMap\", $metadata, \(data)}"))
        #expect(box.failure { _ = try value("a") }?.code == code)
    }

    @Test(arguments: [
        "", ".", "a.", ".a", "a..b", "-a", "a-", "a.-b", "A", "a_b", "a/b", "a?b", "a b", "ä", "a\n",
        String(repeating: "a", count: 254),
    ])
    func invalidNamesAreRefused(name: String) throws {
        #expect(box.failure { _ = try ConfigMapName(name) }?.code == .invalidArgument)
    }

    @Test(arguments: ["a", "0", "a-b.c-d", "kube-root-ca.crt", String(repeating: "a", count: 253)])
    func aSubdomainIsAName(name: String) throws {
        #expect(try ConfigMapName(name).text == name)
    }

    @Test(arguments: [
        "", "a/b", "a b", "ä", "a\n", "a\u{0}", "a:b", ".", "..", "..a", String(repeating: "a", count: 254),
    ])
    func invalidKeysAreRefused(key: String) throws {
        #expect(box.failure { _ = try ConfigMapKey(key) }?.code == .invalidArgument)
    }

    @Test
    func filesOfConfigurationAreKeys() throws {
        box.server.plan(.answer(200, configMap(["production.yaml": "environment: production\\n"])))
        let file = try configuration.environmentFile(Name("production", kind: "an environment"))
        #expect(file.document.root["environment"]?.string == "production")
        #expect(file.source.contains("kstack-environments") && file.source.contains("production.yaml"))
        #expect(box.server.asked.first?.url.contains("/configmaps/kstack-environments?") == true)
        let error = try #require(box.failure { _ = try configuration.providerFile(Name("aws", kind: "a provider")) })
        #expect(error.code == .configuration)
        #expect(error.message.contains("aws.yaml") && error.message.contains("production.yaml"))
        box.server.plan(.answer(404, notFound))
        #expect(
            box.failure { _ = try configuration.providerFile(Name("aws", kind: "a provider")) }?.code == .configuration
        )
    }

    @Test
    func aFileThatIsNotYAMLIsAnError() throws {
        box.server.plan(.answer(200, configMap(["aws.yaml": "a: [\(canary)"])))
        let error = try #require(box.failure { _ = try configuration.providerFile(Name("aws", kind: "a provider")) })
        #expect(error.code == .configuration)
        #expect(error.message.contains("aws.yaml"))
    }

    // --------------------------------------------------------------------------------------------------------- Routes

    @Test
    func theVariableComesFirst() throws {
        box.set("KSTACK_ROUTE", "prod")
        #expect(try configuration.activeRoute(of: layer) == .production)
        box.set("KSTACK_ROUTE", "nowhere")
        let error = try #require(box.failure { _ = try configuration.activeRoute(of: layer) })
        #expect(error.code == .route)
        #expect(error.message.hasPrefix("the variable KSTACK_ROUTE: invalid route 'nowhere': use development, testing"))
        #expect(box.server.asked.isEmpty)
    }

    @Test
    func onlyNotFoundGivesTheDefault() throws {
        box.server.plan(.answer(404, notFound))
        #expect(try configuration.activeRoute(of: layer) == .development)
        box.server.plan(.answer(200, configMap(["other": "staging"])))
        #expect(try configuration.activeRoute(of: layer) == .development)
        box.server.plan(.answer(200, configMap(["active-route": "staging"])))
        #expect(try configuration.activeRoute(of: layer) == .staging)
        for body in notTheServers {
            box.server.plan(.answer(404, body))
            #expect(box.failure { _ = try configuration.activeRoute(of: layer) }?.code == .clusterAPI)
            #expect(box.failure { _ = try value("key") }?.code == .clusterAPI)
            let provider = try Name("aws", kind: "a provider")
            #expect(box.failure { _ = try configuration.providerFile(provider) }?.code == .clusterAPI)
        }
        let replies: [(Reply, KStackError.Code)] = [
            (.answer(403, ""), .clusterAPI), (.answer(500, ""), .clusterAPI), (.failure(.timedOut), .timeout),
            (.answer(200, ""), .clusterAPI),
        ]
        for (reply, code) in replies {
            box.server.plan(reply)
            #expect(box.failure { _ = try configuration.activeRoute(of: layer) }?.code == code)
        }
        for text in ["", "nowhere", "Staging", "staging\\n"] {
            box.server.plan(.answer(200, configMap(["active-route": text])))
            #expect(box.failure { _ = try configuration.activeRoute(of: layer) }?.code == .route)
        }
    }

    @Test(arguments: ["staging\\n", "staging\\r\\n", "prod\\n\\n", "nowhere\\n"])
    func aLineBreakAtTheEndOfARouteIsNamed(text: String) throws {
        box.server.plan(.answer(200, configMap(["active-route": text])))
        let error = try #require(box.failure { _ = try configuration.activeRoute(of: layer) })
        #expect(error.code == .route)
        #expect(error.message.contains("line break at its end"), "\(error.message)")
        #expect(error.message.contains("kstack-route") && !error.message.contains("?"))
    }

    @Test
    func aRouteIsPatchedInItsLongForm() throws {
        box.server.plan(.answer(200, configMap([:])))
        try configuration.setActiveRoute(Route(parsing: "prod"), of: .tenantInfrastructure)
        let asked = try #require(box.server.asked.first)
        #expect(asked.patch == #"{"data":{"active-route":"production"}}"#)
        #expect(asked.url.contains("/namespaces/layer-1-production/configmaps/kstack-route?"))
        #expect(box.server.asked.count == 1)
    }

    @Test(arguments: [Reply.failure(.refused), .answer(409, ""), .answer(429, "")])
    func failedChangesAreSentAgain(reply: Reply) throws {
        box.server.plan(reply, .answer(200, configMap([:])))
        try configuration.setActiveRoute(.staging, of: layer)
        #expect(box.server.asked.map { $0.patch != nil } == [true, true])
    }

    @Test(arguments: [
        Reply.failure(.reset), .failure(.timedOut), .answer(500, ""), .answer(504, ""), .answer(200, "{"),
    ])
    func uncertainChangesAreReadFirst(reply: Reply) throws {
        box.server.plan(reply, .answer(200, configMap(["active-route": "staging"])))
        try configuration.setActiveRoute(.staging, of: layer)
        #expect(box.server.asked.map { $0.patch != nil } == [true, false])
    }

    @Test(arguments: [Reply.failure(.reset), .answer(500, "")])
    func missingChangesAreSentAgain(reply: Reply) throws {
        let other = Reply.answer(200, configMap(["active-route": "development"]))
        box.server.plan(reply, other, .answer(200, configMap([:])))
        try configuration.setActiveRoute(.staging, of: layer)
        #expect(box.server.asked.map { $0.patch != nil } == [true, false, true])
    }

    @Test
    func unreadableChangesAreReportedAsUnknown() throws {
        box.server.plan(.failure(.reset), .answer(403, ""))
        let error = try #require(box.failure { try configuration.setActiveRoute(.staging, of: layer) })
        #expect(error.code == .clusterAPI)
        #expect(error.isRetryable)
        #expect(error.message.contains("not known whether"))
        #expect(error.message.contains("may still be made; check kstack-route"))
    }

    @Test(arguments: [
        (Reply.failure(.timedOut), true), (.failure(.reset), true), (.answer(500, ""), true), (.answer(504, ""), true),
        (.failure(.outOfMemory), true), (.answer(200, "{"), true), (.failure(.refused), false),
        (.answer(409, ""), false), (.answer(429, ""), false), (.answer(403, ""), false), (.answer(404, ""), false),
        (.failure(.untrusted), false),
    ])
    func aMissingChangeMayStillBeMade(reply: Reply, isOpen: Bool) throws {
        box.server.plan(reply, .answer(200, configMap(["active-route": "development"])))
        // No time for another attempt.
        let configuration = ClusterConfiguration(pod: box.pod(timeout: 40))
        let error = try #require(box.failure { try configuration.setActiveRoute(.staging, of: layer) })
        let isTold = error.message.contains("it may still be made; check kstack-route")
        #expect(isTold == isOpen, "\(error.message)")
        #expect(box.server.asked.map { $0.patch != nil } == (isOpen ? [true, false] : [true]))
    }

    @Test
    func anEarlierAttemptMayStillBeMadeWhereALaterOneIsRefused() throws {
        let other = Reply.answer(200, configMap(["active-route": "development"]))
        box.server.plan(.answer(500, ""), other, .answer(403, ""))
        let error = try #require(box.failure { try configuration.setActiveRoute(.staging, of: layer) })
        #expect(error.message.contains("403"))
        #expect(error.message.contains("it may still be made"))
    }

    @Test(arguments: [
        (404, KStackError.Code.serviceNotFound, false), (403, .clusterAPI, false), (422, .clusterAPI, false),
        (401, .clusterAPI, false), (409, .clusterAPI, true), (429, .clusterAPI, true),
    ])
    func refusalsAreErrors(status: Int, code: KStackError.Code, isRetryable: Bool) throws {
        box.server.plan(.answer(status, status == 404 ? notFound : canary))
        let error = try #require(box.failure { try configuration.setActiveRoute(.staging, of: layer) })
        #expect(error.code == code)
        #expect(error.isRetryable == isRetryable)
        #expect(box.server.asked.allSatisfy { $0.patch != nil })
        if status == 403 { #expect(error.message.contains("verb patch, resource configmaps, name kstack-route")) }
    }
}
