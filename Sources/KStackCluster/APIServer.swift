import KStackAny
import Sodium
import System

/// The address of the API server, as kubelet gives it to every container.
enum APIServer {
    /// The beginning of every URL.
    ///
    /// - Throws: `configuration` where the variables are missing or invalid.
    static func address(_ variables: Variables) throws(KStackError) -> String {
        guard let host = variables.text("KUBERNETES_SERVICE_HOST") else { throw missing("KUBERNETES_SERVICE_HOST") }
        guard let port = variables.text("KUBERNETES_SERVICE_PORT") else { throw missing("KUBERNETES_SERVICE_PORT") }
        guard (1...253).contains(host.utf8.count),
            host.utf8.contains(UInt8(ascii: ":")) ? NetworkAddress.isIPv6(host) : isName(host)
        else {
            throw KStackError(
                .configuration,
                "invalid KUBERNETES_SERVICE_HOST \(KStackError.quoted(host)): kubelet sets it to an address"
            )
        }
        guard port.utf8.count <= 5, port.utf8.allSatisfy(\.isASCIIDigit), let number = UInt16(port), number > 0 else {
            throw KStackError(
                .configuration,
                "invalid KUBERNETES_SERVICE_PORT \(KStackError.quoted(port)): use 1 to 65535"
            )
        }
        return host.utf8.contains(UInt8(ascii: ":")) ? "https://[\(host)]:\(number)" : "https://\(host):\(number)"
    }

    private static func missing(_ name: String) -> KStackError {
        KStackError(
            .configuration,
            "\(name) is not set, so the address of the Kubernetes API server is unknown: kubelet sets it in every "
                + "container; find out what removes it"
        )
    }

    /// Whether a string has the characters of a host name or an IPv4 address.
    private static func isName(_ text: String) -> Bool {
        guard text.utf8.first != UInt8(ascii: "-"), text.utf8.first != UInt8(ascii: ".") else { return false }
        return text.utf8.allSatisfy { byte in
            byte.isASCIILetter || byte.isASCIIDigit || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
        }
    }
}
