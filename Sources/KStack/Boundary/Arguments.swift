import KStackAny
import Sodium

/// Checks of what C passes in.
enum Argument {
    /// A text that must be there.
    ///
    /// - Throws: `invalidArgument` for NULL and for what is not UTF-8.
    static func text(_ pointer: UnsafePointer<CChar>?, _ name: String) throws(KStackError) -> String {
        guard let text = unsafe try optionalText(pointer, name) else { throw missing(name) }
        return text
    }

    /// A text that may be NULL.
    ///
    /// - Throws: `invalidArgument` for what is not UTF-8.
    static func optionalText(_ pointer: UnsafePointer<CChar>?, _ name: String) throws(KStackError) -> String? {
        guard let pointer = unsafe pointer else { return nil }
        guard let text = unsafe String(validatingCString: pointer) else {
            throw KStackError(.invalidArgument, "\(name) is not UTF-8")
        }
        return text
    }

    /// A path that may be NULL, and then is not empty.
    static func optionalPath(_ pointer: UnsafePointer<CChar>?, _ name: String) throws(KStackError) -> String? {
        guard let path = unsafe try optionalText(pointer, name) else { return nil }
        guard !path.isEmpty else {
            throw KStackError(.invalidArgument, "\(name) is empty; pass a path, or NULL for the default")
        }
        return path
    }

    /// The name of a layer.
    static func layer(_ pointer: UnsafePointer<CChar>?) throws(KStackError) -> Layer {
        try Layer(parsing: unsafe text(pointer, "layer"))
    }

    /// The name of a service.
    static func service(_ pointer: UnsafePointer<CChar>?) throws(KStackError) -> Name {
        try Name(unsafe text(pointer, "service"), kind: "a service")
    }

    /// The name of an environment, or NULL for the detected one.
    static func environment(_ pointer: UnsafePointer<CChar>?) throws(KStackError) -> Name? {
        guard let text = unsafe try optionalText(pointer, "environment") else { return nil }
        return try Name(text, kind: "an environment")
    }

    /// The name of a provider, or NULL for the one of the configuration.
    static func provider(_ pointer: UnsafePointer<CChar>?) throws(KStackError) -> Name? {
        guard let text = unsafe try optionalText(pointer, "provider") else { return nil }
        return try Name(text, kind: "a provider")
    }

    /// The name of a team, or NULL for the default.
    static func team(_ pointer: UnsafePointer<CChar>?, _ name: String) throws(KStackError) -> Name? {
        guard let text = unsafe try optionalText(pointer, name) else { return nil }
        return try Name(text, kind: "a team")
    }

    /// A secret text that may be NULL, in locked memory.
    ///
    /// - Throws: `invalidArgument` for what is not UTF-8.
    static func secret(_ pointer: UnsafePointer<CChar>?, _ name: String) throws(KStackError) -> SecretBytes? {
        guard let pointer = unsafe pointer else { return nil }
        var length = 0
        while unsafe pointer[length] != 0 { length += 1 }
        let bytes = unsafe UnsafeRawBufferPointer(start: pointer, count: length)
        guard unsafe (try? UTF8Span(validating: Span(_unsafeBytes: bytes))) != nil else {
            throw KStackError(.invalidArgument, "\(name) is not UTF-8")
        }
        do throws(SodiumError) {
            return try SecretBytes(copying: unsafe Span(_unsafeBytes: bytes))
        } catch {
            throw KStackError(error)
        }
    }

    /// The object of a handle that must be there.
    static func handle<Object: AnyObject>(_ handle: OpaquePointer?, _ name: String) throws(KStackError) -> Object {
        guard let object = unsafe Handle.object(handle, as: Object.self) else { throw missing(name) }
        return object
    }

    /// Where an output goes, which must be there.
    static func output<Value>(
        _ pointer: UnsafeMutablePointer<Value>?,
        _ name: String = "out"
    ) throws(KStackError) -> UnsafeMutablePointer<Value> {
        guard let pointer = unsafe pointer else { throw missing(name) }
        return unsafe pointer
    }

    /// The error for NULL where a value is needed.
    static func missing(_ name: String) -> KStackError {
        KStackError(.invalidArgument, "\(name) is NULL; a value is needed")
    }
}
