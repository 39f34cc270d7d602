import CJansson
public import Sodium

extension DocumentNode {
    /// The value as compact JSON: keys in the order of the file, every scalar a string, null the empty string.
    ///
    /// What is not ASCII is not escaped. The result is not NUL-terminated.
    ///
    /// - Returns: nil where a key or a scalar is not UTF-8, which JSON cannot hold.
    /// - Throws: `memory`.
    public func json() throws(DocumentError) -> SecretBytes? {
        let tree: UnsafeMutablePointer<json_t>
        do throws(JSONFailure) {
            unsafe tree = try makeTree()
        } catch {
            guard error == .outOfMemory else { return nil }
            throw .memory(.outOfMemory)
        }
        defer { unsafe json_decref(tree) }
        return try unsafe JSONOutput.text(of: tree)
    }

    /// jansson's form of the value.
    ///
    /// The limit on depth bounds the recursion.
    private func makeTree() throws(JSONFailure) -> UnsafeMutablePointer<json_t> {
        switch kind {
        case .scalar, .null: unsafe try makeString()
        case .sequence: unsafe try makeArray()
        case .mapping: unsafe try makeObject()
        }
    }

    /// jansson's form of a scalar.
    private func makeString() throws(JSONFailure) -> UnsafeMutablePointer<json_t> {
        let string = unsafe withCharacters { unsafe json_stringn($0, $1) }
        guard let string = unsafe string else { throw failure }
        return unsafe string
    }

    /// jansson's form of a sequence.
    private func makeArray() throws(JSONFailure) -> UnsafeMutablePointer<json_t> {
        guard let array = unsafe json_array() else { throw .outOfMemory }
        do throws(JSONFailure) {
            for position in 0..<count {
                guard let element = element(at: position) else { continue }
                // The array owns the element from here on, even if it could not be added.
                guard unsafe json_array_append_new(array, try element.makeTree()) == 0 else { throw .outOfMemory }
            }
        } catch {
            unsafe json_decref(array)
            throw error
        }
        return unsafe array
    }

    /// jansson's form of a mapping.
    private func makeObject() throws(JSONFailure) -> UnsafeMutablePointer<json_t> {
        guard let object = unsafe json_object() else { throw .outOfMemory }
        do throws(JSONFailure) {
            for position in 0..<count {
                guard let entry = entry(at: position) else { continue }
                let value = unsafe try entry.value.makeTree()
                // The object owns the value from here on, even if it could not be added.
                let status = unsafe entry.key.withCharacters {
                    unsafe json_object_setn_new(object, $0, $1, value)
                }
                guard status == 0 else { throw entry.key.failure }
            }
        } catch {
            unsafe json_decref(object)
            throw error
        }
        return unsafe object
    }

    /// Why jansson refused a string or key, which it does not report itself.
    private var failure: JSONFailure { isUTF8 ? .outOfMemory : .notUTF8 }

    /// Lends the string as C characters.
    private func withCharacters<Result>(_ body: (UnsafePointer<CChar>?, Int) -> Result) -> Result {
        unsafe withUnsafeText { text in
            unsafe text.withMemoryRebound(to: CChar.self) { unsafe body($0.baseAddress, $0.count) }
        }
    }
}

/// Why there is no JSON.
enum JSONFailure: Error {
    case notUTF8
    case outOfMemory
}

/// The output of jansson, and why some of it could not be stored: jansson continues where that was a key.
struct JSONOutput: ~Copyable {
    fileprivate var text: SecretBytes
    fileprivate var failure: SodiumError?

    /// The JSON of a tree, which the caller still owns.
    static func text(of tree: UnsafeMutablePointer<json_t>) throws(DocumentError) -> SecretBytes {
        var output = JSONOutput(text: try mapError(DocumentError.memory, SecretBytes(minimumCapacity: 0)))
        let flags = Int(JSON_COMPACT | JSON_ENCODE_ANY)
        let status = unsafe withUnsafeMutablePointer(to: &output) { output in
            unsafe json_dump_callback(tree, append, output, flags)
        }
        if let failure = output.failure { throw .memory(failure) }
        guard status == 0 else { throw .memory(.outOfMemory) }
        return output.text
    }
}

/// Adds what jansson writes to the `JSONOutput` at `context`.
private func append(_ text: UnsafePointer<CChar>?, _ size: Int, _ context: UnsafeMutableRawPointer?) -> CInt {
    guard let text = unsafe text, let context = unsafe context else { return -1 }
    let output = unsafe context.assumingMemoryBound(to: JSONOutput.self)
    let bytes = unsafe UnsafeRawBufferPointer(start: text, count: size)
    do throws(SodiumError) {
        unsafe try output.pointee.text.append(Span(_unsafeBytes: bytes))
        return 0
    } catch {
        unsafe output.pointee.failure = error
        return -1
    }
}
