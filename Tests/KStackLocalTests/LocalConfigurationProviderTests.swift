import KStackAny
import Testing

@testable import KStackLocal

/// Configuration in the files of a project.
@Suite
struct LocalConfigurationProviderTests {
    private let box: Sandbox

    init() throws {
        box = try Sandbox()
        try box.file("config/environments/dev.yaml", "environment: dev\n")
        try box.file("config/providers/localstack.yaml", "name: localstack\n")
    }

    private func provider() throws -> LocalConfigurationProvider {
        try LocalConfigurationProvider(project: box.project(), variables: box.variables())
    }

    private func environmentFile(_ name: String = "dev") throws -> ConfigurationFile {
        try provider().environmentFile(Name(name, kind: "an environment"))
    }

    private func providerFile(_ name: String = "localstack") throws -> ConfigurationFile {
        try provider().providerFile(Name(name, kind: "a provider"))
    }

    @Test
    func filesAreReadBelowTheRoot() throws {
        let environment = try environmentFile()
        #expect(environment.document.root["environment"]?.string == "dev")
        #expect(environment.source == box.path("config/environments/dev.yaml"))
        let provider = try providerFile()
        #expect(provider.document.root["name"]?.string == "localstack")
        #expect(provider.source == box.path("config/providers/localstack.yaml"))
    }

    @Test
    func aMissingFileIsAnErrorThatListsTheOthers() throws {
        try box.file("config/environments/prod.yaml", "environment: prod\n")
        try box.file("config/environments/notes.txt", "")
        try box.file("config/environments/Bad Name.yaml", "")
        let error = failure { _ = try environmentFile("test") }
        #expect(error?.code == .configuration)
        #expect(error?.message.hasPrefix("no environment 'test': \(box.path("config"))") == true)
        #expect(error?.message.hasSuffix("available: dev, prod") == true)
        #expect(failure { _ = try providerFile("aws") }?.message.hasSuffix("available: localstack") == true)
        try box.remove("config/providers")
        let without = failure { _ = try providerFile("aws") }
        #expect(without?.code == .configuration)
        #expect(without?.message.contains("has no folder 'providers'") == true)
    }

    @Test(arguments: ["config", "config/environments", "config/environments/dev.yaml"])
    func filesThatOthersMayWriteAreRefused(name: String) throws {
        try box.mode(name, 0o777)
        let error = failure { _ = try environmentFile() }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("chmod go-w -- '\(box.path(name))'") == true)
    }

    @Test(arguments: ["config/environments/dev.yaml", "config/environments"])
    func linksBelowTheRootAreRefused(name: String) throws {
        try box.replaceWithLink(name)
        let error = failure { _ = try environmentFile() }
        #expect(error?.code == .configuration)
    }

    @Test(arguments: ["a: [\n", "a: 1\na: 2\n", "--- a\n--- b\n", "a: *b\n"])
    func malformedYAMLIsRefused(content: String) throws {
        try box.file("config/providers/localstack.yaml", content)
        let error = failure { _ = try providerFile() }
        #expect(error?.code == .configuration)
        #expect(error?.message.hasPrefix("\(box.path("config/providers/localstack.yaml")): ") == true)
    }

    @Test
    func theRouteIsTheVariablesThenTheFilesThenDevelopment() throws {
        func route() throws -> Route { try provider().activeRoute(of: .globalInfrastructure) }
        #expect(try route() == .development)
        try box.file(".kstack.yaml", "route: prod\n")
        #expect(try route() == .production)
        box.set("KSTACK_ROUTE", "staging")
        #expect(try route() == .staging)
        box.set("KSTACK_ROUTE", "")
        #expect(try route() == .production)
        box.set("KSTACK_ROUTE", "Prod")
        let error = failure { _ = try route() }
        #expect(error?.code == .route)
        #expect(error?.message.hasPrefix("the variable KSTACK_ROUTE: invalid route 'Prod': use development, ") == true)
    }

    @Test
    func anInvalidRouteOnlyFailsCallsThatNeedIt() throws {
        try box.file(".kstack.yaml", "environment: dev\nroute: nowhere\n")
        let error = failure { _ = try provider().activeRoute(of: .applications) }
        #expect(error?.code == .route)
        #expect(error?.message.hasPrefix("\(box.path(".kstack.yaml")), route: invalid route 'nowhere'") == true)
        #expect(try provider().environment().text == "dev")
        try box.file(".kstack.yaml", "route: [dev]\n")
        #expect(failure { _ = try provider().activeRoute(of: .applications) }?.code == .configuration)
    }
}
