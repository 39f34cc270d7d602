import Documents
import Sodium

extension Answer {
    /// The object that the answer holds.
    ///
    /// - Throws: `status` for an error of the API server, `foreign` and `malformed` for what it would never answer.
    func document(of object: APIObject) throws(APIProblem) -> Document {
        let document: Document
        do throws(DocumentError) {
            // Whatever its Content-Type is.
            document = try Document.parse(json: body.span)
        } catch {
            if status == 404 { throw .foreign(status) }
            if status != 200 { throw .status(status, reason: nil, retryAfter: retryAfter) }
            if case .memory = error { throw .transport(.outOfMemory) }
            throw .malformed(error.ofAnswer)
        }
        let root = document.root
        guard status == 200 else {
            if status == 404, !Answer.isNotFound(root, object) { throw .foreign(status) }
            throw .status(status, reason: Answer.reason(in: root), retryAfter: retryAfter)
        }
        guard root["kind"]?.string == object.kind.rawValue else {
            throw .malformed("something other than a \(object.kind.rawValue)")
        }
        let metadata = root["metadata"]
        guard metadata?["name"]?.string == object.name, metadata?["namespace"]?.string == object.namespace else {
            throw .malformed("with a \(object.kind.word) of another name or namespace")
        }
        return document
    }

    /// Whether the API server says that there is no such object; a path or a kind that is not served has no details.
    private static func isNotFound(_ root: DocumentNode, _ object: APIObject) -> Bool {
        let details = root["details"]
        return reason(in: root) == "NotFound" && details?["kind"]?.string == object.kind.resource
            && details?["name"]?.string == object.name
    }

    /// The API server's reason, where it is one plain word; nothing else of an answer may be shown.
    private static func reason(in root: DocumentNode) -> String? {
        guard root["kind"]?.string == "Status", let text = root["reason"]?.string, (1...40).contains(text.utf8.count),
            text.utf8.allSatisfy(\.isASCIILetter)
        else { return nil }
        return text
    }
}

extension DocumentError {
    /// What is wrong with an answer that cannot be parsed; the advice in the description is for files.
    fileprivate var ofAnswer: String {
        switch self {
        case .notUTF8: "what is not UTF-8"
        case .tooDeep: "JSON that is nested too deeply"
        case .tooManyNodes: "JSON that has too many values"
        case .tooLarge: "JSON that is too large"
        case .duplicateKey: "JSON that has a key twice in one object"
        case .keyHoldsNUL: "JSON that has a NUL character in a key"
        default: "what is not JSON"
        }
    }
}
