import Foundation
import KStackAny
import System
import TestSupport
import Testing

@testable import KStackCluster

/// Credentials of Secrets, from the API server and from mounted folders.
@Suite
struct SecretTests {
    private let box: Sandbox
    private let everyByte = Array(UInt8.min...UInt8.max)

    init() throws { box = try Sandbox() }

    private func look(_ pod: Pod? = nil) throws -> Credentials {
        try ClusterSecretsProvider(pod: pod ?? box.pod()).credentials(
            service: Name("s3", kind: "a service"),
            layer: .globalInfrastructure,
            environment: nil
        )
    }

    @Test
    func valuesAreTheExactBytes() throws {
        let values = ["all": everyByte, "empty": [], "text": Array(" 0123\n".utf8)]
        box.server.plan(.answer(200, secret(values)))
        let credentials = try look()
        #expect(pairs(of: credentials) == values)
        #expect(source(of: credentials).contains("layer3-s3-credentials"))
        #expect(source(of: credentials).contains("253"))
        #expect(credentials.json == nil)
    }

    @Test
    func stringsHaveAJSONForm() throws {
        box.server.plan(.answer(200, secret(["a": Array("0123".utf8)])))
        let credentials = try look()
        let place = try #require(credentials.json)
        #expect(credentials.arena.withUnsafeBytes { String(decoding: $0[place], as: UTF8.self) } == #"{"a":"0123"}"#)
    }

    @Test
    func nothingIsCached() throws {
        let pod = box.pod()
        box.server.plan(.answer(200, secret(["a": [1]])), .answer(200, secret(["a": [2]])))
        #expect(try box.credentials(pod) == ["a": [1]])
        #expect(try box.credentials(pod) == ["a": [2]])
    }

    @Test(arguments: ["{}", "null"])
    func aSecretWithoutDataIsNotFound(data: String) throws {
        box.server.plan(
            .answer(200, "{\"kind\": \"Secret\", $metadata, \"data\": \(data)}"),
            .answer(200, "{\"kind\": \"Secret\", $metadata}")
        )
        for _ in 0..<2 { #expect(box.failure { _ = try box.credentials() }?.code == .serviceNotFound) }
    }

    @Test(arguments: ["5", "true", "\"text\"", "[1]"])
    func dataThatIsNotAMappingIsRefused(data: String) throws {
        box.server.plan(.answer(200, "{\"kind\": \"Secret\", $metadata, \"data\": \(data)}"))
        #expect(box.failure { _ = try box.credentials() }?.code == .clusterAPI)
    }

    @Test(arguments: [
        "canary-4711", "YQ", "YQ=", "YR==", "YQ==\\n", " YQ==", "Y Q=", "YQ==YQ==", "=", "====", "YWI", "YWJj\\r\\n",
        "_-__", "YQ==\\u0000", "ÿÿÿÿ",
    ])
    func onlyStrictBase64IsAccepted(text: String) throws {
        box.server.plan(.answer(200, "{\"kind\": \"Secret\", $metadata, \"data\": {\"key\": \"\(text)\"}}"))
        let error = try #require(box.failure { _ = try box.credentials() })
        #expect(error.code == .clusterAPI)
        #expect(error.message.contains("base64"))
    }

    @Test(arguments: ["5", "true", "null", "[\"YQ==\"]", "{\"a\": \"YQ==\"}"])
    func valuesThatAreNotStringsAreRefused(value: String) throws {
        box.server.plan(.answer(200, "{\"kind\": \"Secret\", $metadata, \"data\": {\"key\": \(value)}}"))
        #expect(box.failure { _ = try box.credentials() }?.code == .clusterAPI)
    }

    @Test
    func aStrangeVersionIsNotShown() throws {
        box.server.plan(.answer(200, secret(["a": [1]], version: "\(canary) \\n")))
        #expect(!source(of: try look()).contains(canary))
    }

    @Test
    func theSecretsOfALayerAreASecretToo() throws {
        box.server.plan(.answer(200, "{\"kind\": \"Secret\", $metadata, \"data\": {\"a\": \"AQ==\"}}"))
        let provider = ClusterSecretsProvider(pod: box.pod())
        #expect(pairs(of: try provider.secrets(of: .tenantInfrastructure, environment: nil)) == ["a": [1]])
        #expect(box.server.asked.first?.url.contains("/layer-3-production/secrets/layer1-secrets?") == true)
        let other = try Name("dev", kind: "an environment")
        #expect(
            box.failure { _ = try provider.secrets(of: .globalInfrastructure, environment: other) }?.code
                == .configuration
        )
    }

    // ------------------------------------------------------------------------------------------------------- Mounted

    private let mount = "mounts/layer3-s3-credentials"

    @Test
    func aMountedFolderComesFirst() throws {
        try box.publish(mount, ["a": Data(everyByte), "b": Data(), ".hidden": Data("c\n".utf8)])
        let credentials = try look()
        #expect(pairs(of: credentials) == ["a": everyByte, "b": [], ".hidden": Array("c\n".utf8)])
        #expect(source(of: credentials) == "\(box.path)/\(mount)")
        #expect(box.server.asked.isEmpty)
    }

    @Test
    func aMountedFolderIsSeenToRotate() throws {
        let pod = box.pod()
        try box.publish(mount, ["a": "1", "gone": "x"])
        #expect(try box.credentials(pod).keys.sorted() == ["a", "gone"])
        try box.publish(mount, ["a": "2"])
        // The link to the removed file still exists; the snapshot counts.
        #expect(try box.credentials(pod) == ["a": Array("2".utf8)])
    }

    @Test
    func anOrdinaryFolderIsReadAsItIs() throws {
        try box.file("\(mount)/a", "1")
        try box.file("elsewhere", "2")
        try FileManager.default.createSymbolicLink(
            atPath: "\(box.path)/\(mount)/b",
            withDestinationPath: "\(box.path)/elsewhere"
        )
        try box.file("\(mount)/..ignored", "3")
        #expect(try box.credentials() == ["a": Array("1".utf8), "b": Array("2".utf8)])
    }

    @Test
    func aMountThatCannotBeReadHasTheErrorOfTheSystem() throws {
        try box.file("\(mount)/a", "1")
        let path = "\(box.path)/\(mount)/b"
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "b")
        let error = try #require(box.failure { _ = try box.credentials() })
        #expect(error.code == .io)
        #expect(error.cause == FileError(code: ELOOP, path: path))
        #expect(box.server.asked.isEmpty)
    }

    @Test
    func anEmptyFolderIsNotFoundAndTheServerIsNotAsked() throws {
        try FileManager.default.createDirectory(atPath: "\(box.path)/\(mount)", withIntermediateDirectories: true)
        let error = try #require(box.failure { _ = try box.credentials() })
        #expect(error.code == .serviceNotFound)
        #expect(error.message.contains(mount))
        #expect(box.server.asked.isEmpty)
    }

    @Test
    func otherKindsOfFilesAreErrors() throws {
        try box.file(mount, canary)
        #expect(box.failure { _ = try box.credentials() }?.code == .io)
        #expect(box.server.asked.isEmpty)
    }

    @Test
    func theEnvironmentIsCheckedForAMountedFolderToo() throws {
        try box.publish(mount, ["a": "1"])
        #expect(box.failure { _ = try box.credentials(environment: "dev") }?.code == .configuration)
        #expect(try box.credentials(environment: "production") == ["a": Array("1".utf8)])
    }
}
