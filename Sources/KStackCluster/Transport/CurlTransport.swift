import CCurl
import Sodium
import System

/// Sends requests with libcurl, which is loaded at the first one.
final class CurlTransport: Transport {
    private let handles = HandlePool()
    private let userAgent: String

    /// Makes a transport that has no connection yet.
    init(userAgent: String) {
        self.userAgent = userAgent
    }

    func send(_ request: Request) throws(TransportFailure) -> Answer {
        let scope = Scope.current
        var received = Received(body: try CurlTransport.makeBody(), failure: nil, scope: scope)
        let userAgent = userAgent
        let result = unsafe try handles.withHandle { (handle) throws(TransportFailure) -> ccurl_answer in
            unsafe withUnsafeMutablePointer(to: &received) { received in
                unsafe request.token.withUnsafeText { token in
                    unsafe request.authorities.withUnsafeBytes { authorities in
                        unsafe ccurl_perform(
                            handle,
                            request.url,
                            request.patch,
                            token,
                            userAgent,
                            authorities.baseAddress,
                            authorities.count,
                            request.timeout,
                            takeBody,
                            scope == nil ? nil : isStopped,
                            Int32(Scope.longestPause),
                            received
                        )
                    }
                }
            }
        }
        if let failure = received.failure ?? TransportFailure(result) { throw failure }
        return Answer(
            status: Int(result.status),
            retryAfter: result.retry_after >= 0 ? result.retry_after : nil,
            body: received.body,
            isOfNewConnection: result.is_new_connection
        )
    }

    /// Room for the answer of a small Secret; longer ones move.
    private static func makeBody() throws(TransportFailure) -> SecretBytes {
        do throws(SodiumError) {
            return try SecretBytes(minimumCapacity: 4000)
        } catch {
            throw .outOfMemory
        }
    }
}

/// The body so far, and why the transfer was stopped.
private struct Received: ~Copyable {
    /// The body so far.
    var body: SecretBytes

    /// Why it was stopped.
    var failure: TransportFailure?

    /// The scope of the call.
    let scope: Scope?
}

/// Whether the call of the `Received` at `context` was cancelled; libcurl itself knows its deadline.
private func isStopped(_ context: UnsafeMutableRawPointer?) -> Bool {
    guard let context = unsafe context else { return false }
    return unsafe context.assumingMemoryBound(to: Received.self).pointee.scope?.stop == .cancelled
}

/// Adds a piece of the body to the `Received` at `context`.
private func takeBody(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ one: Int,
    _ size: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    let (count, overflow) = one.multipliedReportingOverflow(by: size)
    guard !overflow, count > 0, let bytes = unsafe bytes, let context = unsafe context else { return 0 }
    let received = unsafe context.assumingMemoryBound(to: Received.self)
    guard unsafe count <= Answer.largestBody - received.pointee.body.count else {
        unsafe received.pointee.failure = .tooLarge
        return 0
    }
    let piece = unsafe UnsafeRawBufferPointer(start: bytes, count: count)
    do throws(SodiumError) {
        unsafe try received.pointee.body.append(Span(_unsafeBytes: piece))
        return count
    } catch {
        unsafe received.pointee.failure = .outOfMemory
        return 0
    }
}

extension TransportFailure {
    /// The reason why a transfer has no answer; nil where it has one.
    fileprivate init?(_ answer: ccurl_answer) {
        switch answer.outcome {
        case CCURL_ANSWERED: return nil
        case CCURL_REFUSED: self = .refused
        case CCURL_UNRESOLVED: self = .unresolved
        case CCURL_RESET: self = .reset
        case CCURL_TIMED_OUT: self = .timedOut
        case CCURL_NOT_CONNECTED: self = .notConnected
        case CCURL_CANCELLED: self = .cancelled
        case CCURL_WEAK: self = .weak
        case CCURL_LOCAL_TLS: self = .localTLS
        case CCURL_UNTRUSTED: self = .untrusted
        case CCURL_EXPIRED: self = .expired
        case CCURL_OTHER_NAME: self = .otherName
        case CCURL_BAD_AUTHORITIES: self = .badAuthorities
        case CCURL_NO_TLS: self = .noTLS
        case CCURL_NO_HTTP: self = .noHTTP
        case CCURL_NOT_SUPPORTED: self = .unfitLibrary
        default: self = .other(Int(answer.error))
        }
    }
}
