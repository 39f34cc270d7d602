import Foundation
import Sodium
import Synchronization
import System
import Testing

@testable import KStackCluster

/// What the server does with one request.
enum Reply: Sendable {
    /// An answer, in which `$metadata`, `$name` and `$kind` are those of the requested object; nil for no
    /// `Retry-After`.
    case answer(Int, String, retryAfter: Int? = nil, isFresh: Bool = false)

    /// No answer.
    case failure(TransportFailure)

    /// Something that happens during the request, and then a reply.
    indirect case meanwhile(@Sendable () throws -> Void, Reply)
}

/// A transport that answers as planned, the last reply over and over, and a clock that only its waits move.
final class FakeServer: Transport {
    /// A request.
    struct Asked: Sendable {
        let url: String
        let patch: String?
        let token: String
        let authorities: String
        let timeout: Int
    }

    private struct State {
        var replies: [Reply] = []
        var asked: [Asked] = []
        var now = 1_000_000
        var waits: [Int] = []
        var duration = 0
    }

    private let state = Mutex(State())

    /// Plans the replies to the next requests.
    func plan(_ replies: Reply...) {
        state.withLock { $0.replies = replies }
    }

    /// Lets every request take some milliseconds.
    func take(_ duration: Int) {
        state.withLock { $0.duration = duration }
    }

    /// The requests so far.
    var asked: [Asked] { state.withLock { $0.asked } }

    /// The waits so far, in milliseconds.
    var waits: [Int] { state.withLock { $0.waits } }

    /// The time that only this server's waits and answers take.
    var clock: MonotonicClock {
        MonotonicClock(
            now: { self.state.withLock { $0.now } },
            sleep: { duration in
                self.state.withLock { state in
                    state.now += duration
                    state.waits.append(duration)
                }
            }
        )
    }

    func send(_ request: Request) throws(TransportFailure) -> Answer {
        let reply = state.withLock { state in
            state.now += min(state.duration, request.timeout)
            state.asked.append(
                Asked(
                    url: request.url,
                    patch: request.patch,
                    token: request.token.withUnsafeText { $0.map { String(cString: $0) } ?? "" },
                    authorities: String(decoding: request.authorities.bytes, as: UTF8.self),
                    timeout: request.timeout
                )
            )
            return state.replies.count > 1 ? state.replies.removeFirst() : state.replies.first
        }
        return try answer(reply, request.url)
    }

    /// Gives a planned reply.
    private func answer(_ reply: Reply?, _ url: String) throws(TransportFailure) -> Answer {
        switch reply {
        case .answer(let status, let body, let retryAfter, let isFresh):
            return try FakeServer.answer(status, FakeServer.filled(body, url), retryAfter, isFresh)
        case .failure(let failure): throw failure
        case .meanwhile(let body, let reply):
            guard (try? body()) != nil else { throw .other(-1) }
            return try answer(reply, url)
        case nil:
            Issue.record("nothing should be sent")
            throw .other(-1)
        }
    }

    /// A body with the names in the path of a URL.
    private static func filled(_ body: String, _ url: String) -> String {
        let parts = (URL(string: url)?.path ?? "").split(separator: "/").map(String.init)
        guard parts.count == 6 else { return body }
        return body.replacingOccurrences(of: "$metadata", with: metadata(name: parts[5], namespace: parts[3]))
            .replacingOccurrences(of: "$name", with: parts[5]).replacingOccurrences(of: "$kind", with: parts[4])
    }

    private static func answer(
        _ status: Int,
        _ body: String,
        _ retryAfter: Int?,
        _ isFresh: Bool
    ) throws(TransportFailure) -> Answer {
        do throws(SodiumError) {
            return Answer(
                status: status,
                retryAfter: retryAfter,
                body: try SecretBytes(copying: Array(body.utf8).span),
                isOfNewConnection: isFresh
            )
        } catch {
            throw .outOfMemory
        }
    }
}

/// The field `metadata` of an object.
func metadata(name: String, namespace: String, version: String = "253") -> String {
    "\"metadata\": {\"name\": \"\(name)\", \"namespace\": \"\(namespace)\", \"resourceVersion\": \"\(version)\"}"
}

/// The body of the Secret "layer3-s3-credentials" with some values.
func secret(_ values: [String: [UInt8]], version: String = "253") -> String {
    let data = values.map { "\"\($0.key)\": \"\(Data($0.value).base64EncodedString())\"" }.joined(separator: ", ")
    let metadata = metadata(name: "layer3-s3-credentials", namespace: "layer-3-production", version: version)
    return "{\"kind\": \"Secret\", \"apiVersion\": \"v1\", \(metadata), \"data\": {\(data)}}"
}

/// The body of the config map that is asked for, with some values.
func configMap(_ values: [String: String]) -> String {
    let data = values.map { "\"\($0.key)\": \"\($0.value)\"" }.joined(separator: ", ")
    return "{\"kind\": \"ConfigMap\", \"apiVersion\": \"v1\", $metadata, \"data\": {\(data)}}"
}

/// The body of an answer that says that there is no such object.
let notFound = #"{"kind": "Status", "reason": "NotFound", "details": {"name": "$name", "kind": "$kind"}, "code": 404}"#
