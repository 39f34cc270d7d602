public import KStackAny
import System

/// What the providers in a cluster share: the namespace of the pod, and the client of the API server.
public final class Pod: Sendable {
    /// The client of the API server.
    let client: APIClient

    /// The variables of the process.
    let variables: Variables

    /// The folder of Secrets that are mounted as files.
    let mounts: String

    private let account: ServiceAccount

    /// Makes a pod; nothing is read, loaded or sent yet.
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

    /// Makes a pod of its parts; tests use their own.
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
    /// - Throws: `configuration` where it is unknown or has another form.
    func namespace() throws(KStackError) -> PodNamespace {
        guard let text = try account.namespace() ?? variables.text("POD_NAMESPACE") else {
            throw KStackError(
                .configuration,
                "the pod's namespace is unknown: \(ServiceAccount.folder)/namespace does not exist "
                    + "(automountServiceAccountToken may be off) and POD_NAMESPACE is not set; set it from the field "
                    + "metadata.namespace"
            )
        }
        return try PodNamespace(text, named: variables.text(PodNamespace.variable))
    }
}
