// The names are those of the C header.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CHost
public import CKStack
import KStackAny
import System

/// Makes a container whose calls end early.
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

/// Makes a cancellation, which is the flag of CHost itself.
@_cdecl("kstack_cancellation_new") @implementation
public func kstack_cancellation_new(
    _ out: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> kstack_status {
    unsafe out?.pointee = nil
    return unsafe Call.run(error) { () throws(KStackError) in
        let out = unsafe try Argument.output(out)
        guard let made = unsafe chost_cancellation_make() else {
            throw KStackError(.internal, "there is no memory for a cancellation")
        }
        unsafe out.pointee = made
    }
}

/// Cancels; it takes no place and no lock, so that a signal handler may call it.
@_cdecl("kstack_cancellation_cancel") @implementation
public func kstack_cancellation_cancel(_ cancellation: OpaquePointer?) {
    unsafe chost_cancel(cancellation)
}

/// Gives the program's share of a cancellation back.
@_cdecl("kstack_cancellation_free") @implementation
public func kstack_cancellation_free(_ cancellation: OpaquePointer?) {
    unsafe chost_cancellation_release(cancellation)
}

extension Scope {
    /// Reads the structure of C.
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
