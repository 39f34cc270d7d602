import CHost

/// Objects as C holds them: an address that owns one reference.
enum Handle {
    /// Gives an object to C.
    static func make<Object: AnyObject>(_ object: Object) -> OpaquePointer {
        unsafe OpaquePointer(Unmanaged.passRetained(object).toOpaque())
    }

    /// The object of a handle, kept alive for the call; nil for NULL.
    static func object<Object: AnyObject>(_ handle: OpaquePointer?, as type: Object.Type = Object.self) -> Object? {
        guard let handle = unsafe handle else { return nil }
        return unsafe Unmanaged<Object>.fromOpaque(UnsafeRawPointer(handle)).takeUnretainedValue()
    }

    /// Takes an object back from C; NULL does nothing.
    static func free<Object: AnyObject>(_ handle: OpaquePointer?, as type: Object.Type) {
        guard let handle = unsafe handle else { return }
        chost_enter()
        defer { chost_leave() }
        unsafe Unmanaged<Object>.fromOpaque(UnsafeRawPointer(handle)).release()
    }
}
