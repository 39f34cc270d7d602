import Glibc

/// Addresses as the system parses them.
public enum NetworkAddress {
    /// Whether a string is an IPv6 address, without brackets and zone.
    public static func isIPv6(_ text: String) -> Bool {
        var address = in6_addr()
        return unsafe !text.utf8.contains(0) && inet_pton(AF_INET6, text, &address) == 1
    }
}
