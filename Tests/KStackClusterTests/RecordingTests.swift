import Foundation
import KStackAny
import Testing

@testable import KStackCluster

/// Recorded answers of a real API server, each as the answer to every request.
@Suite(.enabled(if: Recording.folder != nil, "KSTACK_APISERVER_RECORDINGS names no folder"))
struct RecordingTests {
    @Test(arguments: Recording.all)
    func everyAnswerIsCredentialsOrAnErrorThatShowsNothing(recording: Recording) throws {
        let box = try Sandbox()
        box.server.plan(.answer(recording.status, recording.body, retryAfter: recording.retryAfter))
        if recording.name == "secret_get_200" {
            let credentials = try box.credentials()
            #expect(credentials["aws_access_key_id"] == Array("AKIAIOSFODNN7EXAMPLE".utf8))
            return
        }
        let error = try #require(box.failure { _ = try box.credentials() })
        // The other 404s are about other names than the requested one, or about none.
        let isNotFound = recording.name == "secret_get_404_deleted_named_secret"
        #expect(error.code == (isNotFound ? .serviceNotFound : .clusterAPI))
        #expect(error.isRetryable == [429, 500, 502, 503, 504].contains(recording.status))
        #expect(error.message.contains("layer3-s3-credentials"))
        // Nothing of the server's own words but its reason, and certainly nothing of a Secret.
        for words in ["AKIA", "last-applied", "cannot get resource", "not found\"", "etcd", "rpc error", "allotted"] {
            #expect(!error.message.contains(words), "\(error.message)")
        }
        let isShown = recording.status >= 400 && (recording.status != 404 || isNotFound)
        if let reason = recording.reason, isShown { #expect(error.message.contains("(\(reason))")) }
    }

    @Test(arguments: Recording.all.filter { $0.status == 404 })
    func notFoundIsAboutAnObject(recording: Recording) throws {
        let box = try Sandbox()
        let body = recording.body.replacingOccurrences(of: "no-such-secret", with: "layer3-s3-credentials")
        box.server.plan(.answer(404, body))
        let isOfSecret = recording.name.hasPrefix("secret_get_404")
        #expect(box.failure { _ = try box.credentials() }?.code == (isOfSecret ? .serviceNotFound : .clusterAPI))
    }

    @Test
    func theConfigMapIsRead() throws {
        let recording = try #require(Recording.all.first { $0.name == "configmap_get_200" })
        let box = try Sandbox()
        box.server.plan(.answer(200, recording.body))
        let object = try JSONSerialization.jsonObject(with: Data(recording.body.utf8)) as? [String: Any]
        let data = try #require(object?["data"] as? [String: String])
        for (key, text) in data {
            let value = try ConfigMaps(pod: box.pod()).value(
                of: ConfigMapKey(key),
                in: ConfigMapName("kstack-route"),
                layer: .globalInfrastructure
            )
            #expect(value.string == text)
        }
        #expect(!data.isEmpty)
    }
}

/// A recorded answer.
struct Recording: Sendable, CustomTestStringConvertible {
    /// Where the recordings are; nil where there are none.
    static let folder = ProcessInfo.processInfo.environment["KSTACK_APISERVER_RECORDINGS"]

    /// All of them, by name.
    static let all: [Recording] = {
        guard let folder, let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else { return [] }
        return names.filter { $0.hasSuffix(".txt") }.sorted().compactMap { Recording(folder, $0) }
    }()

    let name: String
    let status: Int
    let retryAfter: Int?
    let body: String

    /// The server's reason in the body, where it is a Status; a filter's answer for a timeout is not one.
    var reason: String? {
        let object = try? JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
        return object?["kind"] as? String == "Status" ? object?["reason"] as? String : nil
    }

    var testDescription: String { name }

    private init?(_ folder: String, _ file: String) {
        guard let data = FileManager.default.contents(atPath: "\(folder)/\(file)") else { return nil }
        let text = String(decoding: data, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n") ?? text.range(of: "\n\n"),
            let status = text.split(separator: " ", maxSplits: 2).dropFirst().first.flatMap({ Int($0) })
        else { return nil }
        name = String(file.dropLast(4))
        self.status = status
        body = String(text[end.upperBound...])
        retryAfter = text[..<end.lowerBound].contains("Retry-After: 1") ? 1 : nil
    }
}
