// The functions are documented in the C header, which also gives their names.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CKStack
import KStackAny
import KStackLocal
import System

/// A vault as C holds it, with the strings that C may read.
@safe
final class VaultObject: Sendable, ScopeHolder {
    let vault: Vault
    let scope: Scope?
    let strings: StringList

    init(_ vault: Vault, _ scope: Scope?) throws(KStackError) {
        self.vault = vault
        self.scope = scope
        strings = try StringList([vault.path, vault.environment.text])
    }

    /// The address of the path (0) or the environment (1).
    func string(_ index: Int) -> UnsafePointer<CChar>? {
        unsafe strings.address(at: index)
    }
}

@_cdecl("kstack_vault_open") @implementation
public func kstack_vault_open(
    _ container: OpaquePointer?,
    _ environment: UnsafePointer<CChar>?,
    _ out: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> kstack_status {
    unsafe out?.pointee = nil
    return unsafe Call.run(error) { () throws(KStackError) in
        let container: Container = unsafe try Argument.handle(container, "container")
        let environment = unsafe try Argument.environment(environment)
        let out = unsafe try Argument.output(out)
        let vault = try VaultObject(container.openVault(environment), container.scope)
        unsafe out.pointee = Handle.make(vault)
    }
}

@_cdecl("kstack_vault_free") @implementation
public func kstack_vault_free(_ vault: OpaquePointer?) {
    unsafe Handle.free(vault, as: VaultObject.self)
}

@_cdecl("kstack_vault_scope") @implementation
public func kstack_vault_scope(
    _ vault: OpaquePointer?,
    _ scope: UnsafePointer<kstack_scope>?,
    _ out: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> kstack_status {
    unsafe out?.pointee = nil
    return unsafe Call.run(error) { () throws(KStackError) in
        let object: VaultObject = unsafe try Argument.handle(vault, "vault")
        let scope = unsafe try Scope(within: object.scope, scope)
        let out = unsafe try Argument.output(out)
        unsafe out.pointee = try Handle.make(VaultObject(object.vault, scope))
    }
}

@_cdecl("kstack_vault_path") @implementation
public func kstack_vault_path(_ vault: OpaquePointer?) -> UnsafePointer<CChar>? {
    unsafe Call.access(else: nil) { unsafe Handle.object(vault, as: VaultObject.self)?.string(0) }
}

@_cdecl("kstack_vault_environment") @implementation
public func kstack_vault_environment(_ vault: OpaquePointer?) -> UnsafePointer<CChar>? {
    unsafe Call.access(else: nil) { unsafe Handle.object(vault, as: VaultObject.self)?.string(1) }
}

@_cdecl("kstack_vault_is_encrypted") @implementation
public func kstack_vault_is_encrypted(
    _ vault: OpaquePointer?,
    _ out: UnsafeMutablePointer<Bool>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> kstack_status {
    unsafe out?.pointee = false
    return unsafe Call.run(error) { () throws(KStackError) in
        let object: VaultObject = unsafe try Argument.handle(vault, "vault")
        let out = unsafe try Argument.output(out)
        unsafe out.pointee = try object.vault.isEncrypted()
    }
}

@_cdecl("kstack_vault_get_file") @implementation
public func kstack_vault_get_file(
    _ vault: OpaquePointer?,
    _ layer: UnsafePointer<CChar>?,
    _ filename: UnsafePointer<CChar>?,
    _ out: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> kstack_status {
    unsafe out?.pointee = nil
    return unsafe Call.run(error) { () throws(KStackError) in
        let object: VaultObject = unsafe try Argument.handle(vault, "vault")
        let layer = unsafe try Argument.layer(layer)
        let filename = unsafe try Argument.string(filename, "filename")
        let out = unsafe try Argument.output(out)
        unsafe try out.give(object.vault.pathOfPlaintext(layer, filename))
    }
}

@_cdecl("kstack_vault_list") @implementation
public func kstack_vault_list(
    _ vault: OpaquePointer?,
    _ layer: UnsafePointer<CChar>?,
    _ which: kstack_vault_files,
    _ out: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> kstack_status {
    unsafe out?.pointee = nil
    return unsafe Call.run(error) { () throws(KStackError) in
        let object: VaultObject = unsafe try Argument.handle(vault, "vault")
        let layer = unsafe try layer.map { (layer) throws(KStackError) in unsafe try Argument.layer(layer) }
        let out = unsafe try Argument.output(out)
        let form: Vault.Form
        switch which {
        case KSTACK_VAULT_FILES_DECRYPTED: form = .plaintext
        case KSTACK_VAULT_FILES_ENCRYPTED: form = .encrypted
        default: throw KStackError(.invalidArgument, "invalid value \(which): use a KSTACK_VAULT_FILES_ constant")
        }
        unsafe out.pointee = try Handle.make(StringList(object.vault.list(layer, form)))
    }
}

@_cdecl("kstack_list_environments") @implementation
public func kstack_list_environments(
    _ container: OpaquePointer?,
    _ out: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> kstack_status {
    unsafe out?.pointee = nil
    return unsafe Call.run(error) { () throws(KStackError) in
        let container: Container = unsafe try Argument.handle(container, "container")
        let out = unsafe try Argument.output(out)
        unsafe out.pointee = try Handle.make(StringList(container.local.secrets.environments()))
    }
}

@_cdecl("kstack_list_services") @implementation
public func kstack_list_services(
    _ container: OpaquePointer?,
    _ layer: UnsafePointer<CChar>?,
    _ environment: UnsafePointer<CChar>?,
    _ out: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> kstack_status {
    unsafe out?.pointee = nil
    return unsafe Call.run(error) { () throws(KStackError) in
        let container: Container = unsafe try Argument.handle(container, "container")
        let layer = unsafe try Argument.layer(layer)
        let environment = unsafe try Argument.environment(environment)
        let out = unsafe try Argument.output(out)
        let services = try container.local.secrets.services(of: layer, environment: environment)
        unsafe out.pointee = try Handle.make(StringList(services))
    }
}
