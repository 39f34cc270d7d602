import Foundation
import KStackAny
import TestSupport
import Testing

@testable import KStackCluster

/// Bodies of a 404 that are not about the requested object.
let notTheServers =
    [
        "", canary, "<html><head><title>404 Not Found</title></head><body>nginx</body></html>", "{}", "null",
        #"{"kind": "Status", "reason": "NotFound", "details": {}, "code": 404}"#, "\(notFound)\(notFound)",
    ]
    + [("Status", "Secret"), ("NotFound", "Gone"), ("$name", "other"), ("$kind", "pods"), ("details", "other")].map {
        notFound.replacingOccurrences(of: $0.0, with: $0.1)
    }

/// How answers are handled, and when a request is sent again.
@Suite
struct APIClientTests {
    private let box: Sandbox
    private let good = secret(["key": Array(canary.utf8)])

    init() throws { box = try Sandbox() }

    /// The error of a look-up.
    private func failure(_ pod: Pod? = nil) -> KStackError? {
        box.failure { _ = try box.credentials(pod) }
    }

    @Test
    func asksForTheSecretByName() throws {
        box.server.plan(.answer(200, good))
        #expect(try box.credentials() == ["key": Array(canary.utf8)])
        let asked = try #require(box.server.asked.first)
        #expect(
            asked.url == "https://10.96.0.1:443/api/v1/namespaces/layer-3-production/secrets/layer3-s3-credentials"
                + "?timeout=4750ms"
        )
        #expect(asked.patch == nil)
        #expect(asked.token == "token-\(canary)-1")
        #expect(asked.authorities == KStackClusterTests.authorities(1))
        #expect(box.server.asked.count == 1)
    }

    @Test(arguments: [
        (400, KStackError.Code.clusterAPI, false), (401, .clusterAPI, false), (403, .clusterAPI, false),
        (404, .clusterAPI, false), (409, .clusterAPI, false), (410, .clusterAPI, false), (422, .clusterAPI, false),
        (301, .clusterAPI, false), (302, .clusterAPI, false), (204, .clusterAPI, false), (501, .clusterAPI, false),
        (505, .clusterAPI, false), (429, .clusterAPI, true), (500, .clusterAPI, true), (502, .clusterAPI, true),
        (503, .clusterAPI, true), (504, .clusterAPI, true),
    ])
    func everyStatusHasItsError(status: Int, code: KStackError.Code, isRetryable: Bool) throws {
        let bodies = [
            "", canary, "null", "[]", "{\"kind\": \"Status\", \"reason\": [\"\(canary)\"]}",
            "{\"kind\": \"Status\", \"reason\": \"\(canary) two words\"}", "{\"reason\": \"Unknown\"}",
            "{\"kind\": \"Secret\", \"reason\": \"Unknown\"}",
            "{\"kind\": \"Status\", \"message\": \"\(canary)\", \"reason\": \"Because\"}", "{\"kind\": \"Secret\"}",
        ]
        for body in bodies {
            box.server.plan(.answer(status, body))
            let error = try #require(failure())
            #expect(error.code == code)
            #expect(error.isRetryable == isRetryable)
            for part in ["Secret", "layer3-s3-credentials", "layer-3-production", "\(status)"] {
                #expect(error.message.contains(part), "\(error.message)")
            }
            #expect(error.message.contains("(Because)") == (body.contains("Because") && status != 404))
            #expect(!error.message.contains("Unknown"))
        }
    }

    @Test
    func notFoundMustBeAboutTheRequestedObject() throws {
        box.server.plan(.answer(404, notFound))
        #expect(failure()?.code == .serviceNotFound)
        for body in notTheServers {
            box.server.plan(.answer(404, body))
            let error = try #require(failure())
            #expect(error.code == .clusterAPI, "\(body)")
            #expect(!error.isRetryable)
            #expect(error.message.contains("is not the API server for it"), "\(error.message)")
        }
    }

    @Test(arguments: [("layer3-s3", "layer-3-production"), ("layer3-s3-credentials", "layer-3-dev"), (canary, canary)])
    func anAnswerMustHaveTheRequestedName(name: String, namespace: String) throws {
        let other = metadata(name: name, namespace: namespace)
        for metadata in [other, "\"metadata\": {}", "\"metadata\": null", "\"metadata\": [\"\(canary)\"]"] {
            box.server.plan(.answer(200, "{\"kind\": \"Secret\", \(metadata), \"data\": {\"a\": \"AQ==\"}}"))
            let error = try #require(failure())
            #expect(error.code == .clusterAPI)
            #expect(error.message.contains("another name"))
        }
    }

    @Test(arguments: [
        ("{\"kind\": \"Secret\", \"kind\": \"Secret\"}", "twice"), ("<html>", "not JSON"), ("{\"a\\u0000\": 1}", "NUL"),
        (String(repeating: "[", count: 2000) + String(repeating: "]", count: 2000), "too deeply"),
        ("[" + String(repeating: "1,", count: 1 << 20) + "1]", "too many"),
    ])
    func problemsOfTheJSONAreReported(body: String, words: String) throws {
        box.server.plan(.answer(200, body))
        let error = try #require(failure())
        #expect(error.message.contains(words), "\(error.message)")
    }

    @Test(arguments: [401, 403])
    func aMissingPermissionIsNamed(status: Int) throws {
        box.server.plan(.answer(status, ""))
        let error = try #require(failure())
        #expect(
            error.message.contains(
                "verb get, resource secrets, name layer3-s3-credentials, namespace layer-3-production"
            )
        )
        #expect(error.message.contains("does not exist") == (status == 403))
    }

    @Test(arguments: [
        (TransportFailure.noLibrary, false, "libcurl4"), (.unfitLibrary, false, "7.66"), (.unresolved, true, "name"),
        (.timedOut, true, "timeout_ms"), (.untrusted, false, "ca.crt"), (.expired, false, "expired"),
        (.otherName, false, "another name"), (.badAuthorities, false, "ca.crt"), (.noTLS, false, "TLS 1.2"),
        (.noHTTP, false, "HTTP"), (.tooLarge, false, "8 MiB"), (.outOfMemory, false, "memory"),
        (.other(77), false, "77"),
    ])
    func permanentFailuresAreNotRetried(failure kind: TransportFailure, isRetryable: Bool, words: String) throws {
        box.server.plan(.failure(kind))
        let error = try #require(failure())
        #expect(error.code == (kind == .timedOut ? .timeout : .clusterAPI))
        #expect(error.isRetryable == isRetryable)
        #expect(error.message.contains(words))
        #expect(box.server.asked.count == 1)
        #expect(box.server.waits.isEmpty)
    }

    @Test(arguments: [TransportFailure.refused, .reset])
    func brokenConnectionsAreRetried(kind: TransportFailure) throws {
        box.server.plan(.failure(kind), .failure(kind), .answer(200, good))
        #expect(try box.credentials().count == 1)
        #expect(box.server.asked.count == 3)
        #expect(box.lines.withLock { $0.count } == 2)
    }

    @Test(arguments: [429, 500, 502, 503, 504])
    func serverErrorsAreRetried(status: Int) throws {
        box.server.plan(.answer(status, ""), .answer(200, good))
        #expect(try box.credentials().count == 1)
        #expect(box.server.asked.count == 2)
    }

    @Test
    func waitsGrowAndNeverPassTheDeadline() throws {
        box.server.plan(.failure(.refused))
        let error = try #require(failure())
        #expect(error.isRetryable)
        let waits = box.server.waits
        #expect(waits.reduce(0, +) < 5000)
        #expect(waits.count >= 3)
        for (index, wait) in waits.enumerated() { #expect((0...min(2000, 800 << index)).contains(wait)) }
        #expect(box.server.asked.count == waits.count + 1)
        #expect(error.message.contains("\(waits.count + 1) attempts"))
        // The server is told the time that is left.
        for (asked, spent) in zip(box.server.asked.dropFirst(), sums(of: waits)) {
            #expect(asked.timeout == 5000 - spent)
            #expect(asked.url.hasSuffix("?timeout=\(5000 - spent - (5000 - spent) / 20)ms"))
        }
    }

    @Test
    func theServerSaysHowLongToWait() throws {
        box.server.plan(.answer(429, "", retryAfter: 2), .answer(200, good))
        #expect(try box.credentials().count == 1)
        // Up to twice as long, so that clients with the same Retry-After do not come together.
        let waits = box.server.waits
        #expect(waits.count == 1 && waits.allSatisfy { (2000...4000).contains($0) })
    }

    @Test(arguments: [5, 3600, 86400, Int.max, Int.max / 1000])
    func aWaitBeyondTheDeadlineIsNotBegun(seconds: Int) throws {
        box.server.plan(.answer(503, "", retryAfter: seconds))
        #expect(failure()?.isRetryable == true)
        #expect(box.server.waits.isEmpty)
        #expect(box.server.asked.count == 1)
    }

    @Test
    func theJitterIsCutToWhatIsLeft() throws {
        box.server.plan(.answer(503, "", retryAfter: 1))
        #expect(failure(box.pod(timeout: 1040))?.isRetryable == true)
        #expect(box.server.waits.isEmpty)
        box.server.plan(.answer(503, "", retryAfter: 1), .answer(200, good))
        #expect(try box.credentials(box.pod(timeout: 1060)).count == 1)
        #expect(box.server.waits.count == 1 && box.server.waits.allSatisfy { (1000...1010).contains($0) })
    }

    @Test
    func theFirstFailureIsReportedWhenTheTimeRunsOutLater() throws {
        box.server.plan(.answer(500, "{\"kind\": \"Status\", \"reason\": \"Because\"}"), .failure(.timedOut))
        let error = try #require(failure())
        #expect(error.message.contains("500") && error.message.contains("Because"))
        #expect(error.isRetryable)
        #expect(box.server.asked.count == 2)
    }

    @Test
    func nothingIsSentWhenTheTimeIsOver() throws {
        box.server.take(4990)
        box.server.plan(.answer(503, ""))
        #expect(failure()?.isRetryable == true)
        #expect(box.server.asked.count == 1)
        #expect(box.server.waits.isEmpty)
    }

    @Test(arguments: [
        "", "null", "{", "[1, 2", "{\"kind\": \"SecretList\", \"data\": {}}", "{\"kind\": \"ConfigMap\"}", "\u{FEFF}{}",
        "{\"kind\": \"Secret\", \"kind\": \"Secret\"}", "{\"kind\": [\"Secret\"]}", "{\"data\": {\"a\": \"\"}}",
        String(repeating: "[", count: 100_000), String(repeating: "{\"a\":", count: 3000),
        "<html>\(canary)</html>",
    ])
    func anAnswerThatIsNotASecretIsAnError(body: String) throws {
        box.server.plan(.answer(200, body))
        let error = try #require(failure())
        #expect(error.code == .clusterAPI)
        #expect(!error.isRetryable)
    }

    @Test
    func damagedAnswersAreErrors() throws {
        let bytes = Array(good.utf8)
        for length in bytes.indices {
            box.server.plan(.answer(200, String(decoding: bytes[..<length], as: UTF8.self)))
            #expect(throws: KStackError.self) { try box.credentials() }
        }
        for index in bytes.indices {
            for value in [UInt8(0), 0x22, 0x5C, 0x7B, 0x7D, 0x3D] {
                var changed = bytes
                changed[index] = value
                box.server.plan(.answer(200, String(decoding: changed, as: UTF8.self)))
                _ = try? box.credentials()
            }
        }
    }

    /// The sum of the first, of the first two, and so on.
    private func sums(of numbers: [Int]) -> [Int] {
        var sum = 0
        return numbers.map { number in
            sum += number
            return sum
        }
    }
}
