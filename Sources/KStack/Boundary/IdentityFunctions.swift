// The functions are documented in the C header, which also gives their names.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import Age
public import CKStack
import KStackAny
import KStackLocal
import Sodium

@_cdecl("kstack_identity_generate") @implementation
public func kstack_identity_generate(
    _ identity: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
    _ recipient: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> kstack_status {
    unsafe generate(isPostQuantum: false, identity, recipient, error)
}

@_cdecl("kstack_identity_generate_post_quantum") @implementation
public func kstack_identity_generate_post_quantum(
    _ identity: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
    _ recipient: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> kstack_status {
    unsafe generate(isPostQuantum: true, identity, recipient, error)
}

private func generate(
    isPostQuantum: Bool,
    _ identity: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
    _ recipient: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?,
    _ name: String = #function
) -> kstack_status {
    unsafe identity?.pointee = nil
    unsafe recipient?.pointee = nil
    return unsafe Call.run(error, name) { () throws(KStackError) in
        let identity = unsafe try Argument.output(identity, "identity")
        let recipient = unsafe try Argument.output(recipient, "recipient")
        let made = try mapError(KStackError.generating, Identities.generate(isPostQuantum: isPostQuantum))
        unsafe try identity.give(made.identity.span)
        do throws(KStackError) {
            unsafe try recipient.give(made.recipient.bech32)
        } catch {
            unsafe kstack_string_free(identity.pointee)
            unsafe identity.pointee = nil
            throw error
        }
    }
}
