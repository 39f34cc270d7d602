import KStackAny
import System

/// Where the API server is, as kubelet tells every container.
enum APIServer {
    /// The beginning of every URL.
    ///
    /// - Throws: `configuration` where the variables are missing or name no host and port.
    static func address(_ variables: Variables) throws(KStackError) -> String {
        guard let host = variables.text("KUBERNETES_SERVICE_HOST") else { throw missing("KUBERNETES_SERVICE_HOST") }
        guard let port = variables.text("KUBERNETES_SERVICE_PORT") else { throw missing("KUBERNETES_SERVICE_PORT") }
        guard (1...253).contains(host.utf8.count),
            host.utf8.contains(UInt8(ascii: ":")) ? NetworkAddress.isIPv6(host) : isName(host)
        else {
            throw KStackError(
                .configuration,
                "KUBERNETES_SERVICE_HOST is \(KStackError.quoted(host)), which is no host: kubelet sets it to an address"
            )
        }
        guard port.utf8.count <= 5, port.utf8.allSatisfy(isDigit), let number = UInt16(port), number > 0 else {
            throw KStackError(
                .configuration,
                "KUBERNETES_SERVICE_PORT is \(KStackError.quoted(port)), which is no port: use 1 to 65535"
            )
        }
        return host.utf8.contains(UInt8(ascii: ":")) ? "https://[\(host)]:\(number)" : "https://\(host):\(number)"
    }

    private static func missing(_ name: String) -> KStackError {
        KStackError(
            .configuration,
            "\(name) is not set, so it is not known where the Kubernetes API server is: kubelet sets it in every "
                + "container; see what removes it"
        )
    }

    /// Whether a string has the characters of a host name or an IPv4 address.
    private static func isName(_ text: String) -> Bool {
        guard text.utf8.first != UInt8(ascii: "-"), text.utf8.first != UInt8(ascii: ".") else { return false }
        return text.utf8.allSatisfy { byte in
            isDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
