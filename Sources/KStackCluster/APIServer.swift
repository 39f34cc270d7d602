import KStackAny

/// Where the API server is, as kubelet tells every container.
enum APIServer {
    /// The beginning of every URL.
    ///
    /// - Throws: `configuration` where the variables are missing or name no host and port.
    static func address(_ variables: Variables) throws(KStackError) -> String {
        guard let host = variables.text("KUBERNETES_SERVICE_HOST") else { throw missing("KUBERNETES_SERVICE_HOST") }
        guard let port = variables.text("KUBERNETES_SERVICE_PORT") else { throw missing("KUBERNETES_SERVICE_PORT") }
        guard (1...253).contains(host.utf8.count),
            host.utf8.contains(UInt8(ascii: ":")) ? isAddress(host) : isName(host)
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

    /// Whether a string is an IPv6 address.
    private static func isAddress(_ text: String) -> Bool {
        var groups = text.utf8.split(separator: UInt8(ascii: ":"), maxSplits: 9, omittingEmptySubsequences: false)
        // A colon at an end is one of two, which make two empty groups there: one of them stands for the gap.
        for _ in 0..<2 {
            if groups.first?.isEmpty == true {
                guard groups.count > 1, groups[1].isEmpty else { return false }
                groups.removeFirst()
            }
            groups.reverse()
        }
        let gaps = groups.count { $0.isEmpty }
        var count = groups.count - gaps
        if let last = groups.last, last.contains(UInt8(ascii: ".")) {
            guard isFourNumbers(last) else { return false }
            groups.removeLast()
            count += 1
        }
        return (gaps == 0 ? count == 8 : gaps == 1 && count < 8)
            && groups.allSatisfy { $0.count <= 4 && $0.allSatisfy(isHexadecimal) }
    }

    /// Whether a string is an IPv4 address, as it may end one of IPv6.
    private static func isFourNumbers(_ text: Substring.UTF8View) -> Bool {
        let numbers = text.split(separator: UInt8(ascii: "."), maxSplits: 4, omittingEmptySubsequences: false)
        return numbers.count == 4
            && numbers.allSatisfy { $0.count <= 3 && $0.allSatisfy(isDigit) && UInt8(Substring($0)) != nil }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
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
