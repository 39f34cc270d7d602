import Sodium

/// Sends one request to the API server and returns its answer, without retries.
protocol Transport: Sendable {
    /// Waits for the whole answer, whatever its status is.
    func send(_ request: Request) throws(TransportFailure) -> Answer
}

/// A request to the API server.
struct Request: Sendable {
    /// The URL, made of checked parts only.
    let url: String

    /// The body of a merge patch; nil to get.
    let patch: String?

    /// The token of the service account.
    let token: Token

    /// The authorities that the server's certificate must be of.
    let authorities: Authorities

    /// How long it may take, in milliseconds.
    let timeout: Int
}

/// An answer of the API server.
struct Answer: ~Copyable {
    /// The largest body that is read.
    ///
    /// A config map of 1 MiB is up to 6 MiB of JSON.
    static let largestBody = 8 << 20

    /// The HTTP status.
    let status: Int

    /// How many seconds the server asks to wait; nil where it does not say.
    let retryAfter: Int?

    /// The body, which may hold secrets whatever the status is.
    let body: SecretBytes

    /// Whether it came over a new connection.
    let isOfNewConnection: Bool
}

/// Why a transfer failed.
enum TransportFailure: Error, Equatable {
    /// There is no libcurl.
    case noLibrary

    /// The installed libcurl cannot be used.
    case unfitLibrary

    /// The connection was not made; nothing was sent.
    case refused

    /// The name of the server has no address; nothing was sent.
    case unresolved

    /// The connection broke before the answer was complete.
    case reset

    /// The time ran out after the server was connected.
    case timedOut

    /// The time ran out before the server was connected; nothing was sent.
    case notConnected

    /// The call was cancelled; it is not known what the server did with it.
    case cancelled

    /// The server's certificate is not signed by the authorities.
    case untrusted

    /// A certificate has expired, or is not valid yet.
    case expired

    /// The server's certificate is for another name.
    case otherName

    /// The authorities hold an invalid certificate.
    case badAuthorities

    /// The server's certificate is too weak for the TLS settings of this system.
    case weak

    /// The TLS settings of this system and of the server have nothing in common.
    case localTLS

    /// The other side does not speak TLS 1.2 or later.
    case noTLS

    /// The other side does not speak HTTP.
    case noHTTP

    /// The answer is larger than the limit.
    case tooLarge

    /// There is no memory for the answer.
    case outOfMemory

    /// Anything else, with libcurl's number.
    case other(Int)
}
