// The functions are documented in the C header, which also gives their names.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CKStack
import KStackAny

@_cdecl("kstack_is_in_cluster") @implementation
public func kstack_is_in_cluster() -> Bool {
    ProcessContext.signs.context == .cluster
}

@_cdecl("kstack_current_context") @implementation
public func kstack_current_context() -> kstack_context {
    ProcessContext.signs.context == .cluster ? KSTACK_CONTEXT_CLUSTER : KSTACK_CONTEXT_LOCAL
}

@_cdecl("kstack_context_reason") @implementation
public func kstack_context_reason() -> UnsafePointer<CChar>? {
    unsafe StaticCString.contextReason.address
}

@_cdecl("kstack_guard") @implementation
public func kstack_guard(
    _ required: kstack_context,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> kstack_status {
    unsafe Call.run(error) { () throws(KStackError) in
        switch required {
        case KSTACK_CONTEXT_LOCAL: try ProcessContext.signs.require(.local, for: "this code")
        case KSTACK_CONTEXT_CLUSTER: try ProcessContext.signs.require(.cluster, for: "this code")
        default: throw KStackError(.invalidArgument, "invalid context \(required): use KSTACK_CONTEXT_LOCAL or CLUSTER")
        }
    }
}
