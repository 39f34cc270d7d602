import KStackAny

/// Why one request to the API server failed.
enum APIProblem: Error {
    /// There is no token, no `ca.crt` or no libcurl.
    case unprepared(KStackError)

    /// The transfer failed.
    case transport(TransportFailure)

    /// The server refused, with its reason where it is a plain word.
    case status(Int, reason: String?, retryAfter: Int?)

    /// The server does not accept the token; the reason that the token's own claims suggest.
    case notAccepted(String)

    /// The answer is not the object that was asked for.
    case malformed(String)

    /// A 404 that is not the API server's own.
    case foreign(Int)

    /// Whether another attempt may succeed within the call.
    var isRetried: Bool {
        switch self {
        case .transport(.refused), .transport(.reset): true
        case .status(let status, _, _): Self.isTransient(status)
        case .unprepared, .transport, .malformed, .foreign, .notAccepted: false
        }
    }

    /// Whether a status may pass: the server may answer differently in a moment.
    private static func isTransient(_ status: Int) -> Bool {
        [429, 500, 502, 503, 504].contains(status)
    }

    /// Whether a change may have been made nevertheless.
    var mayHaveSucceeded: Bool {
        switch self {
        case .transport(.reset), .transport(.timedOut), .transport(.cancelled), .transport(.tooLarge),
            .transport(.noHTTP),
            .transport(.outOfMemory), .transport(.other), .malformed:
            true
        case .status(let status, _, _): status >= 500
        case .unprepared, .transport, .foreign, .notAccepted: false
        }
    }

    /// The problem to report for all attempts: where the time ran out during a retry, that of the attempt before.
    func reported(after earlier: APIProblem?) -> APIProblem {
        switch self {
        case .transport(.timedOut), .transport(.notConnected): earlier ?? self
        default: self
        }
    }

    /// How many seconds the server asks to wait.
    var retryAfter: Int? {
        if case .status(_, _, let retryAfter) = self { retryAfter } else { nil }
    }

    /// The error for the caller.
    ///
    /// - Parameters:
    ///   - verb: the verb, as a Role names it.
    ///   - object: the object of the request.
    ///   - server: the address of the server.
    ///   - backoff: the number of attempts, and their time.
    func error(_ verb: String, _ object: APIObject, server: String, _ backoff: Backoff) -> KStackError {
        let attempts = backoff.attempts
        let times = attempts == 1 ? "" : ", after \(attempts) attempts"
        let asked = "cannot \(verb) \(object.description)"
        switch self {
        case .unprepared(let error):
            // Only Secrets can be mounted.
            guard error.code == .configuration, object.kind == .secret else { return error }
            return KStackError(error.code, "\(error.message), or mount the Secret as files")
        case .notAccepted(let doubt):
            return APIProblem.error(
                401,
                verb,
                object,
                asked: asked,
                answer: "the API server answered 401 (Unauthorized)\(times)",
                doubt: doubt
            )
        case .transport(let failure):
            return KStackError(
                failure.code,
                "\(asked): \(failure.text(server, backoff))\(times)",
                isRetryable: failure.isTransient
            )
        case .malformed(let what):
            return KStackError(
                .clusterAPI,
                "\(asked): the API server \(server) answered \(what)\(times); check that KUBERNETES_SERVICE_HOST is the "
                    + "API server and nothing lies between"
            )
        case .foreign(let status):
            return KStackError(
                .clusterAPI,
                "\(asked): \(server) answered \(status)\(times), but not as the API server does where there is no such "
                    + "object: what answers is not the API server for it; check that KUBERNETES_SERVICE_HOST is the API "
                    + "server and nothing lies between"
            )
        case .status(let status, let reason, let retryAfter):
            let asks = retryAfter.map { ", asking to wait \($0) s" } ?? ""
            let answer = "the API server answered \(status)\(reason.map { " (\($0))" } ?? "")\(asks)\(times)"
            return APIProblem.error(status, verb, object, asked: asked, answer: answer)
        }
    }

    /// The error for a status.
    private static func error(
        _ status: Int,
        _ verb: String,
        _ object: APIObject,
        asked: String,
        answer: String,
        doubt: String? = nil
    ) -> KStackError {
        let permission =
            "verb \(verb), resource \(object.kind.resource), name \(object.name), namespace \(object.namespace)"
        switch status {
        case 401:
            return KStackError(
                .clusterAPI,
                "\(asked): \(answer): the token of the pod's service account is not accepted (\(permission)), also after "
                    + "it was read again\(doubt.map { ": \($0)" } ?? ""); see whether the service account still exists, or "
                    + "restart the pod"
            )
        case 403:
            return KStackError(
                .clusterAPI,
                "\(asked): \(answer): the pod's service account has no permission (\(permission)), or the object "
                    + "does not exist (a Role limited by resourceNames answers so); create it, or grant the permission."
                    + " An API server that has just started permits nothing, either"
            )
        case 404:
            return KStackError(
                .serviceNotFound,
                "there is no \(object.description) (\(answer)); create it, or check its name and namespace"
            )
        case 409:
            return KStackError(
                .clusterAPI,
                "\(asked): \(answer): it is being changed by others; try again",
                isRetryable: verb == "patch"
            )
        case 422:
            return KStackError(.clusterAPI, "\(asked): \(answer): the server does not accept this content")
        case _ where isTransient(status):
            return KStackError(.clusterAPI, "\(asked): \(answer); try again later", isRetryable: true)
        case 300..<400:
            return KStackError(.clusterAPI, "\(asked): \(answer): a redirect, which is not followed")
        default:
            return KStackError(.clusterAPI, "\(asked): \(answer); ask whoever runs the cluster")
        }
    }
}

extension TransportFailure {
    /// The kind of failure.
    fileprivate var code: KStackError.Code {
        switch self {
        case .timedOut, .notConnected: .timeout
        case .cancelled: .cancelled
        default: .clusterAPI
        }
    }

    /// Whether the same call may succeed a little later.
    fileprivate var isTransient: Bool {
        switch self {
        case .refused, .unresolved, .reset, .timedOut, .notConnected: true
        default: false
        }
    }

    /// What happened and what to do next.
    fileprivate func text(_ server: String, _ backoff: Backoff) -> String {
        switch self {
        case .noLibrary: "libcurl.so.4 cannot be loaded; install libcurl4 in the container's image"
        case .unfitLibrary:
            "libcurl.so.4 is too old or lacks TLS; install libcurl4 of version 7.66 or later, with OpenSSL, in the "
                + "container's image"
        case .refused: "the API server \(server) refuses the connection or cannot be reached"
        case .unresolved: "the API server \(server) has an unknown host name; check the cluster's DNS"
        case .reset: "the connection to the API server \(server) broke before the answer was complete"
        case .timedOut:
            "the API server \(server) was connected and did not answer within \(backoff.elapsed) ms: it may be overloaded, or "
                + "its database may hang; try again later, or with a larger timeout_ms"
        case .notConnected:
            "there was no connection to the API server \(server) within \(backoff.elapsed) ms: a NetworkPolicy or a firewall "
                + "may drop the packets; check whether the pod may reach it"
        case .cancelled: "the call was cancelled"
        case .untrusted:
            "the certificate of \(server) is not signed by ca.crt of the service account: something else answers "
                + "there, or the cluster's authority changed, which ends when kubelet renews ca.crt"
        case .expired: "the certificate of \(server) has expired or is not valid yet; check the clock, or renew it"
        case .otherName: "the certificate of \(server) is for another name: something else answers there"
        case .badAuthorities: "ca.crt of the service account holds something that is not a certificate"
        case .weak:
            "the certificate of \(server) has a key or a signature that is too weak for the TLS settings of this system "
                + "(OPENSSL_CONF); renew it, or check those settings"
        case .localTLS:
            "TLS could not be agreed on with \(server): the settings of this system (OPENSSL_CONF) or of the server "
                + "allow too little; check those settings"
        case .noTLS: "\(server) does not speak TLS 1.2 or later"
        case .noHTTP: "\(server) does not speak HTTP"
        case .tooLarge: "the answer of \(server) is larger than \(Answer.largestBody >> 20) MiB"
        case .outOfMemory: "no memory for the answer"
        case .other(let number): "the transfer from \(server) failed (error \(number) of libcurl)"
        }
    }
}
