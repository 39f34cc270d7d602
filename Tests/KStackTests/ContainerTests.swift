import Foundation
import KStackAny
import KStackCluster
import KStackLocal
import Sodium
import TestSupport
import Testing

@testable import KStack

/// What a container wires in each context, which the test injects.
@Suite
struct ContainerTests {
    private static let inCluster = [
        ContextSigns(token: .present, hasServiceHost: true),
        ContextSigns(token: .present, hasServiceHost: false),
        ContextSigns(token: .unreadable, hasServiceHost: false),
        ContextSigns(token: .absent, hasServiceHost: true),
    ]

    /// Variables of which none may be read.
    private let untouched = Variables(
        user: 0,
        text: { name in
            Issue.record("\(name) was read")
            return nil
        },
        secret: { (name) throws(SodiumError) in
            Issue.record("\(name) was read")
            return nil
        }
    )

    @Test(arguments: inCluster)
    func inAPodNothingLocalIsWired(signs: ContextSigns) throws {
        // A missing root would be an error on a developer's machine.
        let options = Container.Options(projectRoot: "/nowhere/at/all", identityFile: "/nowhere/keys.txt")
        let container = try Container(options, signs: signs, variables: untouched, version: "0")
        let refusals = [
            failure { _ = try container.local },
            failure { _ = try container.openVault(nil) },
            failure { _ = try container.openVault(Name("dev", kind: "an environment")) },
        ]
        for error in refusals {
            #expect(error?.code == .environment)
            #expect(error?.message.contains(signs.reason) == true)
        }
        #expect(container.secretsProvider is ClusterSecretsProvider)
        #expect(try container.cluster.secrets === container.secretsProvider as AnyObject)
        #expect(try container.configRoot() == nil)
        #expect(try container.vaultRoot() == nil)
    }

    @Test
    func onADevelopersMachineLookUpsGoToTheVault() throws {
        let signs = ContextSigns(token: .absent, hasServiceHost: false)
        let folder = FileManager.default.temporaryDirectory.path
        let container = try Container(.init(projectRoot: folder), signs: signs, variables: untouched, version: "0")
        #expect(container.secretsProvider is LocalSecretsProvider)
        #expect(failure { _ = try container.cluster }?.code == .environment)
        #expect(try container.local.secrets === container.secretsProvider as AnyObject)
    }

    @Test
    func onADevelopersMachineTheRootMustExist() {
        let signs = ContextSigns(token: .absent, hasServiceHost: false)
        let error = failure {
            _ = try Container(.init(projectRoot: "/nowhere/at/all"), signs: signs, variables: untouched, version: "0")
        }
        #expect(error?.code == .io)
        #expect(error?.message.contains("/nowhere/at/all") == true)
    }

    /// The error of a call; nil where it has none.
    private func failure(_ body: () throws -> Void) -> KStackError? {
        caught(KStackError.self, body)
    }
}
