// The functions are documented in the C header, which also gives their names.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CKStack
import KStackAny

@_cdecl("kstack_container_set_secrets_provider") @implementation
public func kstack_container_set_secrets_provider(
    _ container: OpaquePointer?,
    _ provider: UnsafePointer<kstack_secrets_provider>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> kstack_status {
    unsafe Call.run(error) { () throws(KStackError) in
        let container: Container = unsafe try Argument.handle(container, "container")
        guard let given = unsafe provider else { return container.setSecretsProvider(nil) }
        let functions = unsafe try kstack_secrets_provider.read(given, "provider")
        container.setSecretsProvider(unsafe try InjectedSecretsProvider.make(functions))
    }
}

@_cdecl("kstack_reply_set") @implementation
public func kstack_reply_set(
    _ reply: OpaquePointer?,
    _ name: UnsafePointer<CChar>?,
    _ value: UnsafeRawPointer?,
    _ size: Int
) -> kstack_status {
    unsafe Reply.change(reply) { (reply) throws(KStackError) in
        let name = unsafe try Argument.string(name, "the name of a value")
        guard size >= 0 else { throw KStackError(.invalidArgument, "the size of a value was out of range") }
        let bytes = unsafe UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : size)
        if unsafe value == nil, size > 0 { throw KStackError(.invalidArgument, "a value was NULL and had a size") }
        unsafe try reply.set(name, Span(_unsafeBytes: bytes))
        return KSTACK_OK
    }
}

@_cdecl("kstack_reply_set_error") @implementation
public func kstack_reply_set_error(
    _ reply: OpaquePointer?,
    _ status: kstack_status,
    _ message: UnsafePointer<CChar>?
) -> kstack_status {
    unsafe Reply.change(reply) { (reply) throws(KStackError) in
        guard let code = KStackError.Code(status: status) else {
            throw KStackError(.invalidArgument, "the status \(status) of an error is not in kstack.h")
        }
        let given = unsafe message.map { unsafe CString.beginning(of: $0, characters: 1024) } ?? ""
        reply.set(KStackError(code, given.isEmpty ? InjectedSecretsProvider.silence(status) : given))
        return status
    }
}
