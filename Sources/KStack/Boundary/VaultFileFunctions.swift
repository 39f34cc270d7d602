// The functions are documented in the C header, which also gives their names.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CKStack
import KStackAny
import KStackLocal
import Sodium

/// The content of a file as C holds it.
final class SecretObject: Sendable {
    /// Its length, without the NUL after it.
    let count: Int

    /// The content, and the NUL.
    let bytes: SecretBytes

    init(_ content: consuming SecretBytes) throws(KStackError) {
        count = content.count
        var bytes = content
        do throws(SodiumError) {
            try bytes.append(0)
        } catch {
            throw .memory(error)
        }
        self.bytes = bytes
    }
}

@_cdecl("kstack_vault_read") @implementation
public func kstack_vault_read(
    _ vault: OpaquePointer?,
    _ layer: UnsafePointer<CChar>?,
    _ filename: UnsafePointer<CChar>?,
    _ out: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> kstack_status {
    unsafe out?.pointee = nil
    return unsafe Call.run(error) { () throws(KStackError) in
        let object: VaultObject = unsafe try Argument.handle(vault, "vault")
        let layer = unsafe try Argument.layer(layer)
        let filename = unsafe try Argument.string(filename, "filename")
        let out = unsafe try Argument.output(out)
        unsafe out.pointee = Handle.make(try SecretObject(object.vault.read(layer, filename)))
    }
}

@_cdecl("kstack_vault_write") @implementation
public func kstack_vault_write(
    _ vault: OpaquePointer?,
    _ layer: UnsafePointer<CChar>?,
    _ filename: UnsafePointer<CChar>?,
    _ data: UnsafeRawPointer?,
    _ size: Int,
    _ team: UnsafePointer<CChar>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> kstack_status {
    unsafe Call.run(error) { () throws(KStackError) in
        let object: VaultObject = unsafe try Argument.handle(vault, "vault")
        let layer = unsafe try Argument.layer(layer)
        let filename = unsafe try Argument.string(filename, "filename")
        guard unsafe data != nil || size == 0 else { throw Argument.missing("data") }
        guard size >= 0 else { throw KStackError(.invalidArgument, "size is out of range") }
        let team = unsafe try Argument.team(team, "team")
        let bytes = unsafe UnsafeRawBufferPointer(start: data, count: data == nil ? 0 : size)
        try object.vault.write(layer, filename, unsafe Span(_unsafeBytes: bytes), team: team)
    }
}

@_cdecl("kstack_secret_data") @implementation
public func kstack_secret_data(_ secret: OpaquePointer?) -> UnsafeRawPointer? {
    unsafe Call.access(else: nil) {
        guard let secret = unsafe Handle.object(secret, as: SecretObject.self) else { return nil }
        return unsafe secret.bytes.withUnsafeBytes { $0.baseAddress }
    }
}

@_cdecl("kstack_secret_size") @implementation
public func kstack_secret_size(_ secret: OpaquePointer?) -> Int {
    Call.access(else: 0) { unsafe Handle.object(secret, as: SecretObject.self)?.count ?? 0 }
}

@_cdecl("kstack_secret_free") @implementation
public func kstack_secret_free(_ secret: OpaquePointer?) {
    unsafe Handle.free(secret, as: SecretObject.self)
}
