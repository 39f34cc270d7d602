public import KStackAny
import System

/// What the cluster's providers share: where the pod is, and the way to the API server.
public final class Pod: Sendable {
    /// Asks the API server.
    let client: APIClient

    /// The variables of the process.
    let variables: Variables

    /// The folder of Secrets that are mounted as files.
    let mounts: String

    private let account: ServiceAccount

    /// Takes what calls need; nothing is read, loaded or sent yet.
    ///
    /// - Parameters:
    ///   - version: of the library, for the server's log.
    ///   - timeout: how long a call may take, in milliseconds.
    public convenience init(version: String, variables: Variables, timeout: Int, log: Log) {
        self.init(
            account: ServiceAccount(folder: ServiceAccount.folder, log: log),
            mounts: "/var/run/secrets/kstack",
            variables: variables,
            transport: CurlTransport(userAgent: "kstack/\(version)"),
            clock: .system,
            timeout: timeout,
            log: log
        )
    }

    /// Takes the parts; tests bring their own.
    init(
        account: ServiceAccount,
        mounts: String,
        variables: Variables,
        transport: any Transport,
        clock: MonotonicClock,
        timeout: Int,
        log: Log
    ) {
        self.account = account
        self.mounts = mounts
        self.variables = variables
        client = APIClient(
            account: account,
            variables: variables,
            transport: transport,
            clock: clock,
            timeout: timeout,
            log: log
        )
    }

    /// The namespace of the pod.
    ///
    /// - Throws: `configuration` where it is not known or of another shape.
    func namespace() throws(KStackError) -> PodNamespace {
        guard let text = try account.namespace() ?? variables.text("POD_NAMESPACE") else {
            throw KStackError(
                .configuration,
                "the pod's namespace is not known: \(ServiceAccount.folder)/namespace is not there "
                    + "(automountServiceAccountToken may be off) and POD_NAMESPACE is not set; set it from the field "
                    + "metadata.namespace"
            )
        }
        return try PodNamespace(text, named: variables.text(PodNamespace.variable))
    }
}
