import CJansson
import Sodium

extension Document {
    /// Reads a JSON text in UTF-8.
    ///
    /// As in YAML a number or a boolean is a scalar, but not a string. All values are on line 1.
    ///
    /// - Throws: `notJSON`, `notUTF8`, `duplicateKey`, the limits, `memory`; no input ends the process.
    public static func parse(
        json: Span<UInt8>,
        limits: DocumentLimits = .standard
    ) throws(DocumentError) -> Document {
        guard json.count <= limits.bytes, json.count <= Int(UInt32.max / 4) else { throw .tooLarge }
        try JSONShape.check(json, limits)
        var error = json_error_t()
        cjansson_forget_memory()
        let flags = Int(JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL)
        let tree = unsafe json.withUnsafeBytes { bytes in
            unsafe json_loadb(bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count, flags, &error)
        }
        guard let tree = unsafe tree else {
            throw cjansson_lacked_memory() != 0 ? .memory(.outOfMemory) : failure(&error)
        }
        defer { unsafe json_decref(tree) }
        var store = TreeStore()
        var arena = try TreeStore.makeArena(size: json.count)
        _ = unsafe try copy(tree, to: &store, &arena)
        return Document(nodes: store.nodes, children: store.children, arena: arena)
    }

    /// Copies a value of jansson recursively, within the limit on depth.
    private static func copy(
        _ value: UnsafeMutablePointer<json_t>,
        to store: inout TreeStore,
        _ arena: inout SecretBytes
    ) throws(DocumentError) -> UInt32 {
        switch unsafe value.pointee.type {
        case JSON_OBJECT:
            let open = try store.open(.mapping)
            var entry = unsafe json_object_iter(value)
            while let current = unsafe entry {
                let key = unsafe text(json_object_iter_key(current), json_object_iter_key_len(current))
                guard let element = unsafe json_object_iter_value(current) else { break }
                for index in key.indices where key[index] == 0 { throw .keyHoldsNUL(line: 1) }
                try store.note(store.add(key, to: &arena))
                try store.note(unsafe copy(element, to: &store, &arena))
                unsafe entry = unsafe json_object_iter_next(value, current)
            }
            return try store.close(open)
        case JSON_ARRAY:
            let open = try store.open(.sequence)
            for position in 0..<(unsafe json_array_size(value)) {
                guard let element = unsafe json_array_get(value, position) else { break }
                try store.note(unsafe copy(element, to: &store, &arena))
            }
            return try store.close(open)
        case JSON_STRING:
            return try store.add(unsafe text(json_string_value(value), json_string_length(value)), to: &arena)
        case JSON_INTEGER:
            return try store.add("\(unsafe json_integer_value(value))".utf8.span, to: &arena, kind: .literal)
        case JSON_REAL:
            return try store.add("\(unsafe json_real_value(value))".utf8.span, to: &arena, kind: .literal)
        case JSON_TRUE: return try store.add("true".utf8.span, to: &arena, kind: .literal)
        case JSON_FALSE: return try store.add("false".utf8.span, to: &arena, kind: .literal)
        default: return try store.add(.null)
        }
    }

    /// A string of jansson, which its tree owns.
    @_lifetime(immortal)
    private static func text(_ start: UnsafePointer<CChar>?, _ length: Int) -> Span<UInt8> {
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : length)
        return unsafe _overrideLifetime(Span(_unsafeBytes: bytes), copying: ())
    }

    /// Translates an error of jansson; its message quotes the text and is not shown.
    private static func failure(_ error: inout json_error_t) -> DocumentError {
        let line = Int(error.line)
        switch unsafe json_error_code(&error) {
        case json_error_out_of_memory: return .memory(.outOfMemory)
        case json_error_stack_overflow: return .tooDeep
        case json_error_invalid_utf8: return .notUTF8
        case json_error_duplicate_key: return .duplicateKey(line: line)
        case json_error_null_byte_in_key: return .keyHoldsNUL(line: line)
        default: return .notJSON(line: line, column: Int(error.column))
        }
    }
}

/// A check of a JSON text before jansson parses it, which bounds neither memory nor, below 2,048 levels, its stack.
private enum JSONShape {
    /// Counts brackets and separators outside of strings.
    static func check(_ json: Span<UInt8>, _ limits: DocumentLimits) throws(DocumentError) {
        var depth = 0
        var nodes = 1
        var isInString = false
        var isEscaped = false
        for index in json.indices {
            let byte = json[index]
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                nodes += 1
                guard depth <= limits.depth else { throw .tooDeep }
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: ","): nodes += 1
            default: break
            }
            guard nodes <= limits.nodes else { throw .tooManyNodes }
        }
    }
}
