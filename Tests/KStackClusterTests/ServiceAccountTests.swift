import Foundation
import KStackAny
import System
import TestSupport
import Testing

@testable import KStackCluster

/// Token, authorities and namespace: read again when they change, and kept where they cannot be read.
@Suite
struct ServiceAccountTests {
    private let box: Sandbox
    private let good = secret(["key": [1]])

    init() throws { box = try Sandbox() }

    /// Publishes new versions of the three files.
    private func rotate(token: String = "token-\(canary)-2", authorities: String = KStackClusterTests.authorities(1))
        throws
    {
        try box.publish(
            "account",
            ["token": token, "ca.crt": authorities, "namespace": "layer-3-production"]
        )
    }

    @Test
    func aRotatedTokenIsUsedAtTheNextCall() throws {
        let pod = box.pod()
        box.server.plan(.answer(200, good))
        _ = try box.credentials(pod)
        try rotate()
        _ = try box.credentials(pod)
        #expect(box.server.asked.map(\.token) == ["token-\(canary)-1", "token-\(canary)-2"])
    }

    @Test
    func aRefusedTokenIsReadAgainOnce() throws {
        box.server.plan(.meanwhile({ try rotate() }, .answer(401, "")), .answer(200, good))
        _ = try box.credentials()
        #expect(box.server.asked.map(\.token) == ["token-\(canary)-1", "token-\(canary)-2"])
        #expect(box.server.waits.isEmpty)
    }

    @Test
    func aTokenThatIsRefusedTwiceIsAnError() throws {
        box.server.plan(.answer(401, ""))
        let error = try #require(box.failure { _ = try box.credentials() })
        #expect(error.code == .clusterAPI)
        #expect(!error.isRetryable)
        #expect(box.server.asked.count == 2)
    }

    @Test
    func lineBreaksAtTheEndAreNotPartOfTheToken() throws {
        try rotate(token: "abc\r\n\n")
        box.server.plan(.answer(200, good))
        _ = try box.credentials()
        #expect(box.server.asked.map(\.token) == ["abc"])
    }

    @Test(arguments: ["", "\n", "a b", "a\nb", "a\r\nX-Other: b", "a\u{0}b", "a\u{7F}", "tök"])
    func invalidTokensAreNeverSent(token: String) throws {
        try rotate(token: token)
        let error = try #require(box.failure { _ = try box.credentials() })
        #expect(error.code == .configuration)
        #expect(error.message.contains("token"))
        #expect(box.server.asked.isEmpty)
    }

    @Test
    func aMissingTokenNamesTheSwitch() throws {
        try box.remove("account/token")
        let error = try #require(box.failure { _ = try box.credentials() })
        #expect(error.code == .configuration)
        #expect(error.message.contains("automountServiceAccountToken"))
    }

    @Test
    func aTokenThatCannotBeOpenedHasTheErrorOfTheSystem() throws {
        let path = "\(box.path)/account/token"
        try box.remove("account/token")
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "token")
        let error = try #require(box.failure { _ = try box.credentials() })
        #expect(error.code == .io)
        #expect(error.cause == FileError(code: ELOOP, path: path))
    }

    @Test(arguments: ["", "a b"])
    func theLastGoodTokenIsKept(next: String) throws {
        let pod = box.pod()
        box.server.plan(.answer(200, good))
        _ = try box.credentials(pod)
        try rotate(token: next)
        _ = try box.credentials(pod)
        try box.remove("account/..data")
        _ = try box.credentials(pod)
        #expect(box.server.asked.map(\.token) == Array(repeating: "token-\(canary)-1", count: 3))
        #expect(box.lines.withLock { $0.contains { $0.contains("last good token") } })
    }

    @Test
    func authoritiesThatChangeUnderWayAreReadAgainOnce() throws {
        box.server.plan(
            .meanwhile({ try rotate(authorities: KStackClusterTests.authorities(2)) }, .failure(.untrusted)),
            .answer(200, good)
        )
        _ = try box.credentials()
        #expect(
            box.server.asked.map(\.authorities) == [
                KStackClusterTests.authorities(1), KStackClusterTests.authorities(2),
            ]
        )
        box.server.plan(
            .meanwhile({ try rotate(authorities: KStackClusterTests.authorities(3)) }, .failure(.untrusted)),
            .failure(.untrusted)
        )
        #expect(box.failure { _ = try box.credentials() }?.message.contains("ca.crt") == true)
        #expect(box.server.asked.count == 4)
    }

    @Test
    func unchangedAuthoritiesAreNotRetried() throws {
        box.server.plan(.failure(.untrusted), .answer(200, good))
        #expect(box.failure { _ = try box.credentials() }?.message.contains("ca.crt") == true)
        #expect(box.server.asked.count == 1)
    }

    @Test
    func changedAuthoritiesAreUsedAtTheNextCall() throws {
        let pod = box.pod()
        box.server.plan(.answer(200, good))
        _ = try box.credentials(pod)
        try rotate(authorities: KStackClusterTests.authorities(2))
        _ = try box.credentials(pod)
        #expect(
            box.server.asked.map(\.authorities) == [
                KStackClusterTests.authorities(1), KStackClusterTests.authorities(2),
            ]
        )
    }

    @Test
    func theNamespaceMayEndInALineBreak() throws {
        let box = try Sandbox(namespace: "layer-1-dev\n")
        #expect(try box.pod().namespace().text == "layer-1-dev")
    }

    @Test
    func theVariableCountsOnlyWithoutTheFile() throws {
        box.set("POD_NAMESPACE", "layer-2-staging")
        #expect(try box.pod().namespace().text == "layer-3-production")
        try box.remove("account/namespace")
        #expect(try box.pod().namespace().text == "layer-2-staging")
        box.set("POD_NAMESPACE", "")
        let error = try #require(box.failure { _ = try box.pod().namespace() })
        #expect(error.code == .configuration)
        #expect(error.message.contains("POD_NAMESPACE"))
    }
}
