import ArgumentParser
import Documents
import KStack
import KStackAny
import KStackLocal
import Sodium
import System

/// A JSON list of objects, built in locked memory.
///
/// All names in it are checked, and need no escapes.
final class ManifestList {
    private var text: SecretBytes
    private var isEmpty = true
    private var told: Set<String> = []

    init() throws(KStackError) {
        text = try mapError(KStackError.memory, SecretBytes(minimumCapacity: 1 << 16))
        try Values.append(#"{"apiVersion":"v1","kind":"List","items":["#, to: &text)
    }

    /// Adds a line that several layers report, once.
    func tellOnce(_ line: String) {
        if told.insert(line).inserted { Output.tell(line) }
    }

    func addSecret(_ name: String, _ namespace: String, _ credentials: Credentials) throws(KStackError) {
        try begin("v1", "Secret", name, namespace)
        try Values.append(#","type":"Opaque","data":{"#, to: &text)
        var size = 0
        for position in 0..<credentials.count {
            guard let place = credentials.value(at: position) else { continue }
            let key = credentials.nameText(at: position)
            guard ConfigMapKey.isValid(key) else {
                throw KStackError(
                    .configuration,
                    "\(credentials.sourceText): \(KStackError.quoted(key)) cannot be a key of a Secret: use letters, digits, "
                        + "'-', '_' and '.'"
                )
            }
            size += key.utf8.count + place.count
            try Values.append("\(position == 0 ? "" : ",")\"\(key)\":\"", to: &text)
            try Self.appendBase64(credentials.copy(of: place), to: &text)
            try Values.append("\"", to: &text)
        }
        guard size <= ClusterSecret.largest else {
            throw KStackError(
                .configuration,
                "\(credentials.sourceText) holds \(size) bytes, and a Secret at most 1 MiB"
            )
        }
        try Values.append("}}", to: &text)
    }

    func addConfigMap(_ name: String, _ namespace: String, _ files: [(String, String)]) throws(KStackError) {
        try begin("v1", "ConfigMap", name, namespace)
        try Values.append(#","data":"#, to: &text)
        let json = try mapError(KStackError.document) { () throws(DocumentError) in
            var data = try MappingBuilder()
            for (name, content) in files { try data.append(name.utf8.span, text: content.utf8.span) }
            return try data.finish().root.json()
        }
        guard let json else { throw KStackError(.configuration, "a file of \(name) is not UTF-8") }
        try Self.append(json, to: &text)
        try Values.append("}", to: &text)
    }

    /// A service account that may read these objects, and nothing else.
    func addRole(_ namespace: String, secrets: [String], configMaps: [String]) throws(KStackError) {
        try begin("v1", "ServiceAccount", "kstack", namespace)
        try Values.append("}", to: &text)
        let group = "rbac.authorization.k8s.io"
        try begin("\(group)/v1", "Role", "kstack", namespace)
        let rules = [("secrets", secrets), ("configmaps", configMaps)].filter { !$0.1.isEmpty }.map { resource, names in
            let list = names.map { "\"\($0)\"" }.joined(separator: ",")
            return #"{"apiGroups":[""],"resources":["\#(resource)"],"resourceNames":[\#(list)],"verbs":["get"]}"#
        }
        try Values.append(",\"rules\":[\(rules.joined(separator: ","))]}", to: &text)
        try begin("\(group)/v1", "RoleBinding", "kstack", namespace)
        try Values.append(
            #","roleRef":{"apiGroup":"\#(group)","kind":"Role","name":"kstack"},"subjects":[{"kind":"ServiceAccount","#
                + #""name":"kstack","namespace":"\#(namespace)"}]}"#,
            to: &text
        )
    }

    func write() throws(KStackError) {
        try Values.append("]}\n", to: &text)
        try Self.print(text)
    }

    private func begin(_ version: String, _ kind: String, _ name: String, _ namespace: String) throws(KStackError) {
        try Values.append(
            "\(isEmpty ? "" : ",")"
                + #"{"apiVersion":"\#(version)","kind":"\#(kind)","metadata":{"name":"\#(name)","namespace":"\#(namespace)","#
                + #""labels":{"app.kubernetes.io/managed-by":"kstack"}}"#,
            to: &text
        )
        isEmpty = false
    }

    private static func appendBase64(_ value: borrowing SecretBytes, to text: inout SecretBytes) throws(KStackError) {
        let encoded = try mapError(KStackError.memory, SecretBytes.base64(of: value.span))
        try append(encoded, to: &text)
    }

    private static func append(_ more: borrowing SecretBytes, to text: inout SecretBytes) throws(KStackError) {
        try Values.append(more.span, to: &text)
    }

    private static func print(_ text: borrowing SecretBytes) throws(KStackError) {
        try Output.write(text, force: true, endsLine: false)
    }
}
