// The functions are documented in the C header, which also gives their names.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CHost
public import CKStack
import KStackAny
import System

@_cdecl("kstack_container_scope") @implementation
public func kstack_container_scope(
    _ container: OpaquePointer?,
    _ scope: UnsafePointer<kstack_scope>?,
    _ out: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> kstack_status {
    unsafe out?.pointee = nil
    return unsafe Call.run(error) { () throws(KStackError) in
        let container: Container = unsafe try Argument.handle(container, "container")
        let scope = unsafe try Scope(within: container.scope, scope)
        let out = unsafe try Argument.output(out)
        unsafe out.pointee = Handle.make(Container(within: container, scope))
    }
}

/// A cancellation is a flag of CHost.
@_cdecl("kstack_cancellation_new") @implementation
public func kstack_cancellation_new(
    _ out: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> kstack_status {
    unsafe out?.pointee = nil
    return unsafe Call.run(error) { () throws(KStackError) in
        let out = unsafe try Argument.output(out)
        guard let made = unsafe chost_cancellation_make() else {
            throw KStackError(.internal, "no memory for a cancellation")
        }
        unsafe out.pointee = made
    }
}

/// Takes no turn and no lock, so that a signal handler may call it.
@_cdecl("kstack_cancellation_cancel") @implementation
public func kstack_cancellation_cancel(_ cancellation: OpaquePointer?) {
    unsafe chost_cancel(cancellation)
}

@_cdecl("kstack_cancellation_free") @implementation
public func kstack_cancellation_free(_ cancellation: OpaquePointer?) {
    unsafe chost_cancellation_release(cancellation)
}

extension Scope {
    /// Reads the caller's structure.
    convenience init(
        within parent: Scope?,
        _ structure: UnsafePointer<kstack_scope>?
    ) throws(KStackError) {
        guard let structure = unsafe structure else { throw Argument.missing("scope") }
        let wanted = unsafe try kstack_scope.read(structure, "scope")
        let timeout = unsafe wanted.timeout_ms
        self.init(
            within: parent,
            timeout: timeout == 0 ? nil : Int(timeout),
            cancellation: unsafe wanted.cancellation.map { unsafe Cancellation(sharing: $0) },
            interruption: unsafe wanted.is_interrupted.map { unsafe Interruption($0, wanted.context) }
        )
    }
}
