import Documents
import KStackAny
import Sodium
import System

/// Gets and patches named objects of the Kubernetes API, within the time of a call.
final class APIClient: Sendable {
    private let account: ServiceAccount
    private let variables: Variables
    private let transport: any Transport
    private let clock: MonotonicClock
    private let timeout: Int
    private let log: Log

    /// Makes a client; nothing is read or sent yet.
    init(
        account: ServiceAccount,
        variables: Variables,
        transport: any Transport,
        clock: MonotonicClock,
        timeout: Int,
        log: Log
    ) {
        self.account = account
        self.variables = variables
        self.transport = transport
        self.clock = clock
        self.timeout = timeout
        self.log = log
    }

    /// Gets an object.
    ///
    /// - Throws: `serviceNotFound` for an object that does not exist, `clusterAPI`, `configuration`, `io`.
    func get(_ object: APIObject) throws(KStackError) -> Document {
        var backoff = Backoff(clock: clock, timeout: timeout)
        return try get(object, &backoff)
    }

    /// Merges a patch into an object that exists.
    ///
    /// - Parameters:
    ///   - object: what to change.
    ///   - patch: the merge patch.
    ///   - isDone: whether an object has the change; called where it is not known whether the server made it.
    /// - Throws: as `get`.
    func patch(
        _ object: APIObject,
        with patch: String,
        isDone: (Document) -> Bool
    ) throws(KStackError) {
        let server = try APIServer.address(variables)
        var backoff = Backoff(clock: clock, timeout: timeout)
        var earlier: APIProblem?
        // Whether a change was sent whose outcome is not known; that a later look does not find it proves nothing.
        var isOpen = false
        var isFresh = false
        while true {
            do throws(APIProblem) {
                _ = try ask(object, patch: patch, server, backoff, &isFresh)
                return
            } catch {
                let reported = error.reported(after: earlier)
                var failure = reported.error("patch", object, server: server, backoff)
                isOpen = isOpen || error.mayHaveSucceeded
                if isOpen { failure = failure.adding("it may still be made; check \(object.name)") }
                if error.mayHaveSucceeded {
                    let present = try look(object, &backoff, after: failure)
                    if isDone(present) { return }
                }
                guard wait(&backoff, error, failure, after: earlier, isFresh) else { throw failure }
                earlier = error
            }
        }
    }

    /// Gets an object after a change of it failed; where that fails too, it is not known whether the change was made.
    private func look(
        _ object: APIObject,
        _ backoff: inout Backoff,
        after failure: KStackError
    ) throws(KStackError) -> Document {
        do throws(KStackError) {
            return try get(object, &backoff)
        } catch {
            throw KStackError(
                error.isStop ? error.code : .clusterAPI,
                failure.adding("it is not known whether the change was made; setting it again does no harm").message,
                isRetryable: error.code != .cancelled
            )
        }
    }

    /// Gets an object within the time that is left.
    private func get(_ object: APIObject, _ backoff: inout Backoff) throws(KStackError) -> Document {
        let server = try APIServer.address(variables)
        var earlier: APIProblem?
        // Whether this needed a new connection: then the server may have just started.
        var isFresh = false
        while true {
            do throws(APIProblem) {
                return try ask(object, patch: nil, server, backoff, &isFresh)
            } catch {
                let reported = error.reported(after: earlier)
                let failure = reported.error("get", object, server: server, backoff)
                guard !error.isConflict, wait(&backoff, error, failure, after: earlier, isFresh) else { throw failure }
                earlier = error
            }
        }
    }

    /// Waits before another attempt; false where there is no time for one.
    private func wait(
        _ backoff: inout Backoff,
        _ problem: APIProblem,
        _ failure: KStackError,
        after earlier: APIProblem?,
        _ isFresh: Bool
    ) -> Bool {
        if problem.isForbidden {
            guard isFresh || earlier?.isOfConnection == true, backoff.waitForPermission() else { return false }
        } else {
            guard problem.isRetried || problem.isConflict, backoff.wait(retryAfter: problem.retryAfter) else {
                return false
            }
        }
        log(.info, "trying again: \(failure.message)")
        return true
    }

    /// Sends a request; once more after reading the token again, and once more after `ca.crt` changed.
    private func ask(
        _ object: APIObject,
        patch: String?,
        _ server: String,
        _ backoff: Backoff,
        _ isFresh: inout Bool
    ) throws(APIProblem) -> Document {
        var token = try mapError(APIProblem.unprepared, account.token())
        var authorities = try mapError(APIProblem.unprepared, account.authorities())
        var mayReadToken = true
        var mayReadAuthorities = true
        while true {
            if Scope.currentStop == .cancelled { throw .transport(.cancelled) }
            let rest = backoff.remaining
            guard rest > 0 else { throw .transport(.timedOut) }
            let request = Request(
                url: "\(server)\(object.path)?timeout=\(max(rest - rest / 20, 1))ms",
                patch: patch,
                token: token,
                authorities: authorities,
                timeout: rest
            )
            do throws(APIProblem) {
                let answer = try mapError(APIProblem.transport, transport.send(request))
                isFresh = isFresh || answer.isOfNewConnection
                guard answer.status == 401, mayReadToken else {
                    if answer.status == 401, let doubt = token.doubt { throw .notAccepted(doubt) }
                    return try answer.document(of: object)
                }
            } catch {
                guard error.isOfAuthorities, mayReadAuthorities else { throw error }
                let changed = try mapError(APIProblem.unprepared, account.authorities())
                guard changed !== authorities else { throw error }
                authorities = changed
                mayReadAuthorities = false
                continue
            }
            token = try mapError(APIProblem.unprepared, account.token(rejected: token))
            mayReadToken = false
        }
    }
}

extension KStackError {
    /// The error with more advice.
    fileprivate func adding(_ text: String) -> KStackError {
        KStackError(code, "\(message); \(text)", isRetryable: isRetryable, cause: cause)
    }
}

extension APIProblem {
    /// Whether the change conflicts with another one.
    fileprivate var isConflict: Bool {
        if case .status(409, _, _) = self { true } else { false }
    }

    /// Whether the server answered 403.
    fileprivate var isForbidden: Bool {
        if case .status(403, _, _) = self { true } else { false }
    }

    /// Whether the server was not reached.
    fileprivate var isOfConnection: Bool {
        if case .transport = self { true } else { false }
    }

    /// Whether newer authorities might help.
    fileprivate var isOfAuthorities: Bool {
        switch self {
        case .transport(.untrusted), .transport(.badAuthorities): true
        default: false
        }
    }
}
