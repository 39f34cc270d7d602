/// Where a process runs.
public enum Context: Sendable {
    /// A developer's machine, or any other place that shows no sign of a pod.
    case local

    /// A Kubernetes pod.
    case cluster
}

/// The signs of a pod that were found, and the context that follows from them.
public struct ContextSigns: Equatable, Sendable {
    /// The file whose presence makes a pod.
    public static let tokenPath = "/var/run/secrets/kubernetes.io/serviceaccount/token"

    /// The state of the token.
    public enum Token: Equatable, Sendable {
        /// It exists.
        case present

        /// It does not exist.
        case absent

        /// It could not be checked, which is still a sign of a pod.
        case unreadable
    }

    /// The state of the token.
    public let token: Token

    /// Whether `KUBERNETES_SERVICE_HOST` was set and not empty.
    public let hasServiceHost: Bool

    /// Whether `/etc/hosts` begins as kubelet writes it, whatever a shell did to the variables.
    public let hasManagedHosts: Bool

    /// Makes signs as they were found, or as a test needs them.
    public init(token: Token, hasServiceHost: Bool, hasManagedHosts: Bool = false) {
        self.token = token
        self.hasServiceHost = hasServiceHost
        self.hasManagedHosts = hasManagedHosts
    }

    /// A pod shows its token, or, where it mounts none, the variable or the file that kubelet makes for every container.
    public var context: Context {
        token == .absent && !hasServiceHost && !hasManagedHosts ? .local : .cluster
    }

    /// Which signs decided, as a sentence.
    public var reason: String {
        switch (token, hasServiceHost) {
        case (.present, _):
            "cluster: the service account token \(Self.tokenPath) exists"
        case (.unreadable, _):
            "cluster: the service account token \(Self.tokenPath) cannot be checked, which is a sign of a pod"
        case (.absent, true):
            """
            cluster: KUBERNETES_SERVICE_HOST is set, but there is no service account token \(Self.tokenPath) \
            (automountServiceAccountToken may be off)
            """
        case (.absent, false) where hasManagedHosts:
            """
            cluster: /etc/hosts is managed by Kubernetes, but KUBERNETES_SERVICE_HOST is not set and there is no service \
            account token \(Self.tokenPath) (automountServiceAccountToken may be off)
            """
        case (.absent, false):
            """
            local: there is no service account token \(Self.tokenPath), KUBERNETES_SERVICE_HOST is not set, and /etc/hosts \
            is not managed by Kubernetes
            """
        }
    }

    /// Throws unless a call may run in this context.
    ///
    /// - Throws: `environment`, with the signs that decided.
    public func require(_ context: Context, for subject: String) throws(KStackError) {
        guard context != self.context else { return }
        switch context {
        case .local:
            throw KStackError(
                .environment,
                "\(subject) runs on developers' machines only, never in a Kubernetes pod (\(reason)); in a pod take "
                    + "credentials from Kubernetes Secrets with get_credentials"
            )
        case .cluster:
            throw KStackError(
                .environment,
                "\(subject) runs in a Kubernetes pod only (\(reason))"
            )
        }
    }
}
