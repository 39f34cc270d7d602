import CHost
package import KStackAny

/// The context of this process, decided when the library was loaded.
package enum ProcessContext {
    /// The signs that were found.
    package static let signs: ContextSigns = {
        let seen = chost_signs()
        let token: ContextSigns.Token =
            switch seen.token {
            case CHOST_TOKEN_ABSENT: .absent
            case CHOST_TOKEN_PRESENT: .present
            default: .unreadable
            }
        return ContextSigns(
            token: token,
            hasServiceHost: seen.has_service_host,
            hasManagedHosts: seen.has_managed_hosts
        )
    }()
}
