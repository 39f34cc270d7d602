import CJansson
public import Sodium

/// JSON that a program makes itself, with booleans and lists, which a document does not have.
public indirect enum JSONValue: Sendable {
    case null
    case text(String)
    case truth(Bool)
    case list([JSONValue])

    /// Keys in order; of the same key the last value counts.
    case object([(key: String, value: JSONValue)])

    /// The value as compact JSON.
    ///
    /// - Throws: `memory`.
    public func json() throws(DocumentError) -> SecretBytes {
        guard let tree = unsafe makeTree() else { throw .memory(.outOfMemory) }
        defer { unsafe json_decref(tree) }
        return try unsafe JSONOutput.text(of: tree)
    }

    /// jansson's form of the value; nil where there is no memory.
    private func makeTree() -> UnsafeMutablePointer<json_t>? {
        switch self {
        case .null: return unsafe json_null()
        case .truth(let isTrue): return unsafe isTrue ? json_true() : json_false()
        case .text(let text): return unsafe json_stringn(text, text.utf8.count)
        case .list(let elements):
            guard let array = unsafe json_array() else { return nil }
            for element in elements {
                // The array owns the element from here on, and takes none that is nil.
                guard unsafe json_array_append_new(array, element.makeTree()) == 0 else {
                    unsafe json_decref(array)
                    return nil
                }
            }
            return unsafe array
        case .object(let entries):
            guard let object = unsafe json_object() else { return nil }
            for entry in entries {
                let value = unsafe entry.value.makeTree()
                guard unsafe json_object_setn_new(object, entry.key, entry.key.utf8.count, value) == 0 else {
                    unsafe json_decref(object)
                    return nil
                }
            }
            return unsafe object
        }
    }
}
