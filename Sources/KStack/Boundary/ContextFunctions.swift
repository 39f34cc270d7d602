// The names are those of the C header.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CKStack
import KStackAny

/// Whether the process runs in a pod.
@_cdecl("kstack_is_in_cluster") @implementation
public func kstack_is_in_cluster() -> Bool {
    ProcessContext.signs.context == .cluster
}

/// The context of the process.
@_cdecl("kstack_current_context") @implementation
public func kstack_current_context() -> kstack_context {
    ProcessContext.signs.context == .cluster ? KSTACK_CONTEXT_CLUSTER : KSTACK_CONTEXT_LOCAL
}

/// Which signs decided.
@_cdecl("kstack_context_reason") @implementation
public func kstack_context_reason() -> UnsafePointer<CChar>? {
    unsafe StaticCString.contextReason.address
}

/// The guard.
@_cdecl("kstack_guard") @implementation
public func kstack_guard(
    _ required: kstack_context,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> kstack_status {
    unsafe Call.run(error) { () throws(KStackError) in
        switch required {
        case KSTACK_CONTEXT_LOCAL: try ProcessContext.signs.require(.local, for: "this code")
        case KSTACK_CONTEXT_CLUSTER: try ProcessContext.signs.require(.cluster, for: "this code")
        default: throw KStackError(.invalidArgument, "\(required) is no context; use KSTACK_CONTEXT_LOCAL or _CLUSTER")
        }
    }
}
