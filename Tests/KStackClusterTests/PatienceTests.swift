import Foundation
import KStackAny
import System
import TestSupport
import Testing

@testable import KStackCluster

/// What a call does with its time.
@Suite
struct PatienceTests {
    private let box: Sandbox
    private static let forbidden = #"{"kind": "Status", "reason": "Forbidden", "code": 403}"#

    init() throws {
        box = try Sandbox()
    }

    /// Whether waits are those after a 403: at least so long, so that the server has started, and not all the same.
    private func isForPermission(_ waits: [Int]) -> Bool {
        !waits.isEmpty && zip(waits, [300...600, 1000...2000]).allSatisfy { $1.contains($0) } && waits.count <= 2
    }

    @Test
    func aServerThatHasJustStartedIsAskedAgain() throws {
        box.server.plan(
            .answer(403, Self.forbidden, isFresh: true),
            .answer(403, Self.forbidden),
            .answer(200, secret(["key": Array("yes".utf8)]))
        )
        #expect(try box.credentials() == ["key": Array("yes".utf8)])
        #expect(isForPermission(box.server.waits))
    }

    @Test
    func whatWasRefusedBeforeMayBeJustStarting() throws {
        box.server.plan(
            .failure(.refused),
            .answer(403, Self.forbidden),
            .answer(200, secret(["key": Array("yes".utf8)]))
        )
        #expect(try box.credentials() == ["key": Array("yes".utf8)])
        #expect(box.server.waits.count == 2 && isForPermission(Array(box.server.waits.suffix(1))))
    }

    @Test
    func aMissingPermissionIsReportedInTheEnd() throws {
        box.server.plan(.answer(403, Self.forbidden, isFresh: true))
        let error = try #require(box.failure { _ = try box.credentials() })
        #expect(error.code == .clusterAPI && !error.isRetryable)
        #expect(error.message.contains("after 3 attempts"))
        #expect(error.message.contains("An API server that has just started"))
        #expect(isForPermission(box.server.waits))
    }

    @Test
    func forbiddenOnAnExistingConnectionIsNotRetried() throws {
        box.server.plan(.answer(403, Self.forbidden))
        #expect(box.failure { _ = try box.credentials() }?.code == .clusterAPI)
        #expect(box.server.asked.count == 1)
    }

    @Test
    func allRequestsOfACallHaveOneDeadline() throws {
        box.server.take(1500)
        let pod = box.pod(timeout: 5000)
        box.server.plan(.answer(404, notFound))
        CallContext.run {
            for _ in 0..<3 { _ = box.failure { _ = try box.credentials(pod) } }
        }
        #expect(box.server.asked.map(\.timeout) == [5000, 3500, 2000])
        // Another call has its own time.
        _ = box.failure { _ = try box.credentials(pod) }
        #expect(box.server.asked.last?.timeout == 5000)
    }

    @Test
    func theServerIsToldALittleLess() throws {
        box.server.plan(.answer(404, notFound))
        _ = box.failure { _ = try box.credentials(box.pod(timeout: 1000)) }
        #expect(box.server.asked.first?.url.hasSuffix("?timeout=950ms") == true)
    }

    @Test
    func aWaitIsCutToWhatIsLeft() throws {
        box.server.take(400)
        box.server.plan(.answer(503, "{}"))
        let error = try #require(box.failure { _ = try box.credentials(box.pod(timeout: 1000)) })
        #expect(error.isRetryable)
        #expect(box.server.waits.reduce(0, +) < 1000)
        #expect(box.server.asked.count >= 2)
        #expect(box.server.asked.allSatisfy { $0.timeout > 0 })
    }

    @Test
    func retryAfterIsReported() throws {
        box.server.plan(.answer(429, "{}", retryAfter: 32))
        let error = try #require(box.failure { _ = try box.credentials() })
        #expect(error.message.contains("429, asking to wait 32 s"))
        #expect(error.isRetryable)
    }

    @Test
    func aPatchHasAllTheTimeThatIsLeft() throws {
        box.server.plan(.answer(200, configMap(["active-route": "staging"])))
        try ClusterConfiguration(pod: box.pod(timeout: 3000)).setActiveRoute(.staging, of: .globalInfrastructure)
        #expect(box.server.asked.map(\.timeout) == [3000])
    }

    @Test
    func twoKindsOfTimeoutsAreDistinguished() throws {
        box.server.take(2000)
        box.server.plan(.failure(.timedOut))
        let hanging = try #require(box.failure { _ = try box.credentials(box.pod(timeout: 2000)) })
        #expect(hanging.message.contains("was connected and did not answer within 2000 ms") && hanging.isRetryable)
        box.server.plan(.failure(.notConnected))
        let dropped = try #require(box.failure { _ = try box.credentials(box.pod(timeout: 2000)) })
        #expect(dropped.message.contains("no connection") && dropped.message.contains("within 2000 ms"))
        #expect(dropped.message.contains("NetworkPolicy") && dropped.isRetryable)
    }

    /// A token with claims; only the server checks it.
    private func token(_ claims: String) -> String {
        let encoded = Data(claims.utf8).base64EncodedString().replacingOccurrences(of: "=", with: "")
            .replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
        return "e30.\(encoded).\(canary)"
    }

    @Test(arguments: [
        (#"{"exp": 1700000000}"#, "it expired "),
        (
            #"{"exp": 99999999999, "aud": ["vault", "https://sts.example.com"]}"#,
            "it is for 'vault', 'https://sts.example.com'"
        ),
        (#"{"aud": "vault"}"#, "it is for 'vault' (aud)"),
        (#"{"exp": 99999999999, "aud": ["https://kubernetes.default.svc"]}"#, nil),
        (#"{"exp": "x", "aud": [7]}"#, nil), ("{}", nil), ("[1]", nil), ("\u{FF}", nil), ("", nil),
    ])
    func theClaimsOfARejectedTokenAreReported(claims: String, reason: String?) throws {
        try box.publish("account", ["token": token(claims), "ca.crt": ca, "namespace": "layer-3-production"])
        box.server.plan(.answer(401, #"{"kind": "Status", "reason": "Unauthorized"}"#))
        let error = try #require(box.failure { _ = try box.credentials() })
        #expect(error.code == .clusterAPI)
        #expect(error.message.contains("the token of the pod's service account is not accepted"))
        if let reason { #expect(error.message.contains(reason), "\(error.message)") }
        #expect(error.message.contains("it expired") == (reason == "it expired "))
        #expect(error.message.contains("(aud)") == (reason?.hasPrefix("it is for") == true))
    }

    @Test(arguments: [
        ("", "it holds no certificate"), ("no certificate", "it holds no certificate"),
        ("-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n", "block 1 of it is not a certificate"),
        (
            "-----BEGIN CERTIFICATE-----\nMAAA\n-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\nQUJD\n"
                + "-----END CERTIFICATE-----\n", "block 2 of it is not a certificate"
        ),
        ("-----BEGIN CERTIFICATE-----\nMAAA\n", "block 1 of it has no end"),
    ])
    func invalidAuthoritiesLeaveTheLastGoodOnes(content: String, fault: String) throws {
        let pod = box.pod()
        try box.publish("account", ["token": "t", "ca.crt": content, "namespace": "layer-3-production"])
        let error = try #require(box.failure { _ = try box.credentials(pod) })
        #expect(error.code == .configuration && error.message.contains(fault), "\(error.message)")
        try box.publish("account", ["token": "t", "ca.crt": ca, "namespace": "layer-3-production"])
        box.server.plan(.answer(404, notFound))
        #expect(box.failure { _ = try box.credentials(pod) }?.code == .serviceNotFound)
        try box.publish("account", ["token": "t", "ca.crt": content, "namespace": "layer-3-production"])
        #expect(box.failure { _ = try box.credentials(pod) }?.code == .serviceNotFound)
        #expect(box.server.asked.last?.authorities == ca)
        #expect(
            box.lines.withLock { $0.contains { $0.contains("the last good ca.crt is used") && $0.contains(fault) } }
        )
    }

    @Test
    func secretsOfALayerMayBeMounted() throws {
        try box.publish("mounts/layer3-secrets", ["a": "1", "b": "2\n"])
        let secrets = try ClusterSecretsProvider(pod: box.pod()).secrets(of: .globalInfrastructure, environment: nil)
        #expect(pairs(of: secrets) == ["a": Array("1".utf8), "b": Array("2\n".utf8)])
        #expect(box.server.asked.isEmpty)
    }

    @Test
    func aFolderBelowAMountedSecretIsAnError() throws {
        try box.file("mounts/layer3-s3-credentials/key", "x")
        try box.file("mounts/layer3-s3-credentials/sub/key", "x")
        let error = try #require(box.failure { _ = try box.credentials() })
        #expect(error.code == .configuration && error.message.contains("layer3-s3-credentials/sub is a folder"))
    }

    @Test
    func mountingIsAdvisedForSecretsOnly() throws {
        try box.remove("account/token")
        let secret = try #require(box.failure { _ = try box.credentials() })
        #expect(secret.message.contains("automountServiceAccountToken") && secret.message.contains("mount the Secret"))
        let route = box.failure { _ = try ClusterConfiguration(pod: box.pod()).activeRoute(of: .applications) }
        #expect(route?.message.contains("automountServiceAccountToken") == true)
        #expect(route?.message.contains("mount the Secret") == false)
    }

    @Test
    func binaryKeysAreListedToo() throws {
        box.server.plan(
            .answer(200, #"{"kind": "ConfigMap", $metadata, "data": {"a": "1"}, "binaryData": {"b": "AA=="}}"#)
        )
        let maps = ConfigMaps(pod: box.pod())
        let error = box.failure {
            _ = try maps.value(of: ConfigMapKey("c"), in: ConfigMapName("m"), layer: .globalInfrastructure)
        }
        #expect(error?.message.hasSuffix("available: a, b") == true)
    }
}
