public import Documents
public import KStackAny
import Sodium

/// Reads values of config maps.
public final class ConfigMaps: Sendable {
    private let pod: Pod

    /// Makes a reader; nothing is read or sent yet.
    public init(pod: Pod) {
        self.pod = pod
    }

    /// The value of a key of a config map in a layer's namespace.
    ///
    /// - Throws: `serviceNotFound` for a config map or a key that does not exist; the message lists the keys.
    public func value(of key: ConfigMapKey, in name: ConfigMapName, layer: Layer) throws(KStackError) -> DocumentNode {
        let object = APIObject(
            kind: .configMap,
            name: name.text,
            namespace: try pod.namespace().namespace(of: layer)
        )
        let document = try pod.client.get(object)
        if let value = try ConfigMaps.value(of: key.text, in: document, object) { return value }
        throw KStackError(
            .serviceNotFound,
            "no key '\(key.text)' in \(object.description); available: \(ConfigMaps.keys(of: document))"
        )
    }

    /// The value of a key; nil where it is missing.
    ///
    /// - Throws: `configuration` for a value that is binary, `clusterAPI` for one that no config map has.
    static func value(
        of key: String,
        in document: Document,
        _ object: APIObject
    ) throws(KStackError) -> DocumentNode? {
        if let value = document.root["data"]?[key] {
            guard value.isText else {
                throw KStackError(
                    .clusterAPI,
                    "key '\(key)' of \(object.description) does not hold a string; find out what changes the answer"
                )
            }
            let text = value.textSpan
            var hasNUL = false
            for index in text.indices where text[index] == 0 { hasNUL = true }
            if !hasNUL { return value }
        } else if document.root["binaryData"]?[key] == nil {
            return nil
        }
        throw KStackError(
            .configuration,
            "key '\(key)' of \(object.description) is binary: only text without NUL characters can be read"
        )
    }

    /// The keys of the config map, for a message.
    static func keys(of document: Document) -> String {
        let maps = [document.root["data"], document.root["binaryData"]].compactMap { $0 }
        let keys = maps.lazy.flatMap { map in (0..<map.count).lazy.compactMap { map.entry(at: $0)?.key.string } }
        return KStackError.listing(keys.filter { ConfigMapKey.isValid($0) }, of: maps.reduce(0) { $0 + $1.count })
    }
}

/// The name of a config map: a subdomain of RFC 1123.
public struct ConfigMapName: Sendable {
    /// The name itself.
    public let text: String

    /// Takes lower-case letters, digits, hyphens and dots, 1 to 253, with a letter or digit around every dot.
    ///
    /// - Throws: `invalidArgument`.
    public init(_ text: String) throws(KStackError) {
        let labels = text.utf8.count <= 253 ? text.split(separator: ".", omittingEmptySubsequences: false) : []
        guard !labels.isEmpty, labels.allSatisfy(ConfigMapName.isLabel) else {
            throw KStackError(
                .invalidArgument,
                "invalid config map name \(KStackError.quoted(text)): use 1 to 253 lower-case letters, digits, hyphens "
                    + "and dots, with a letter or digit at both ends and around every dot"
            )
        }
        self.text = text
    }

    /// Whether the part between two dots is valid; it may be longer than a label of a host name.
    private static func isLabel(_ label: Substring) -> Bool {
        let bytes = label.utf8
        guard let first = bytes.first, let last = bytes.last, first != UInt8(ascii: "-"), last != UInt8(ascii: "-")
        else { return false }
        return bytes.allSatisfy { byte in
            byte.isASCIILowerCase || byte.isASCIIDigit || byte == UInt8(ascii: "-")
        }
    }
}
