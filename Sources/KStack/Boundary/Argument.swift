import KStackAny
import Sodium
package import System

/// Checks of the arguments that C passes.
enum Argument {
    private static let limit = ProcessEnvironment.longestString

    /// A string that must not be NULL.
    ///
    /// - Throws: `invalidArgument` for NULL and for what is not UTF-8.
    static func string(_ pointer: UnsafePointer<CChar>?, _ name: String) throws(KStackError) -> String {
        guard let string = unsafe try optionalString(pointer, name) else { throw missing(name) }
        return string
    }

    /// A string that may be NULL.
    ///
    /// - Throws: `invalidArgument` for what is not UTF-8, or too long.
    static func optionalString(_ pointer: UnsafePointer<CChar>?, _ name: String) throws(KStackError) -> String? {
        guard let pointer = unsafe pointer else { return nil }
        _ = unsafe try checkedLength(of: pointer, name)
        guard let string = unsafe String(validatingCString: pointer) else {
            throw KStackError(.invalidArgument, "\(name) is not UTF-8")
        }
        return string
    }

    /// A path that may be NULL, but not empty.
    static func optionalPath(_ pointer: UnsafePointer<CChar>?, _ name: String) throws(KStackError) -> String? {
        guard let path = unsafe try optionalString(pointer, name) else { return nil }
        guard !path.isEmpty else {
            throw KStackError(.invalidArgument, "\(name) is empty; pass a path, or NULL for the default")
        }
        return path
    }

    /// The name of a layer.
    static func layer(_ pointer: UnsafePointer<CChar>?) throws(KStackError) -> Layer {
        try Layer(parsing: unsafe string(pointer, "layer"))
    }

    /// The name of a service.
    static func service(_ pointer: UnsafePointer<CChar>?) throws(KStackError) -> Name {
        try Name(unsafe string(pointer, "service"), kind: "a service")
    }

    /// The name of an environment, or NULL for the detected one.
    static func environment(_ pointer: UnsafePointer<CChar>?) throws(KStackError) -> Name? {
        guard let string = unsafe try optionalString(pointer, "environment") else { return nil }
        return try Name(string, kind: "an environment")
    }

    /// The name of a provider, or NULL for the one of the configuration.
    static func provider(_ pointer: UnsafePointer<CChar>?) throws(KStackError) -> Name? {
        guard let string = unsafe try optionalString(pointer, "provider") else { return nil }
        return try Name(string, kind: "a provider")
    }

    /// The name of a team, or NULL for the default.
    static func team(_ pointer: UnsafePointer<CChar>?, _ name: String) throws(KStackError) -> Name? {
        guard let string = unsafe try optionalString(pointer, name) else { return nil }
        return try Name(string, kind: "a team")
    }

    /// A secret string that may be NULL, in locked memory.
    ///
    /// - Throws: `invalidArgument` for what is not UTF-8, or too long.
    static func secret(_ pointer: UnsafePointer<CChar>?, _ name: String) throws(KStackError) -> SecretBytes? {
        guard let pointer = unsafe pointer else { return nil }
        let length = unsafe try checkedLength(of: pointer, name)
        let bytes = unsafe UnsafeRawBufferPointer(start: pointer, count: length)
        guard unsafe (try? UTF8Span(validating: Span(_unsafeBytes: bytes))) != nil else {
            throw KStackError(.invalidArgument, "\(name) is not UTF-8")
        }
        do throws(SodiumError) {
            return try SecretBytes(copying: unsafe Span(_unsafeBytes: bytes))
        } catch {
            throw .memory(error)
        }
    }

    /// The length of a string, of which no more than `limit` bytes and one are read; nil for a longer one.
    static func length(of string: UnsafePointer<CChar>, limit: Int) -> Int? {
        var length = 0
        while length <= limit, unsafe string[length] != 0 { length += 1 }
        return length <= limit ? length : nil
    }

    /// The length of a string.
    ///
    /// - Throws: `invalidArgument` for one that is too long.
    private static func checkedLength(of string: UnsafePointer<CChar>, _ name: String) throws(KStackError) -> Int {
        guard let length = unsafe length(of: string, limit: limit) else {
            throw KStackError(.invalidArgument, "\(name) is longer than \(limit) bytes")
        }
        return length
    }

    /// The object of a handle that must not be NULL, and that has no scope.
    ///
    /// - Throws: `invalidArgument` for NULL.
    static func plainHandle<Object: AnyObject>(_ handle: OpaquePointer?, _ name: String) throws(KStackError) -> Object {
        guard let object = unsafe Handle.object(handle, as: Object.self) else { throw missing(name) }
        return object
    }

    /// The object of a handle that must not be NULL; its scope becomes that of the call.
    ///
    /// - Throws: `invalidArgument` for NULL; `timeout` or `cancelled` where the scope has ended.
    static func handle<Object: ScopeHolder>(_ handle: OpaquePointer?, _ name: String) throws(KStackError) -> Object {
        guard let object = unsafe Handle.object(handle, as: Object.self) else { throw missing(name) }
        try CallContext.enter(object.scope)
        return object
    }

    /// The address of an output, which must not be NULL.
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

/// An object of the host whose calls have a scope.
package protocol ScopeHolder: AnyObject {
    var scope: Scope? { get }
}
