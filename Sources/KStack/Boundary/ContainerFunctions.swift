// The functions are documented in the C header, which also gives their names.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import Age
public import CKStack
import KStackAny
import Sodium

@_cdecl("kstack_container_new") @implementation
public func kstack_container_new(
    _ options: UnsafePointer<kstack_options>?,
    _ out: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> kstack_status {
    unsafe out?.pointee = nil
    return unsafe Call.run(error) { () throws(KStackError) in
        let options = unsafe try Container.Options(kstack_options.read(options, "options"))
        let out = unsafe try Argument.output(out)
        let container = try Container(
            options,
            signs: ProcessContext.signs,
            variables: .process,
            version: KSTACK_VERSION
        )
        unsafe out.pointee = Handle.make(container)
    }
}

@_cdecl("kstack_container_free") @implementation
public func kstack_container_free(_ container: OpaquePointer?) {
    unsafe Handle.free(container, as: Container.self)
}

@_cdecl("kstack_get_environment") @implementation
public func kstack_get_environment(
    _ container: OpaquePointer?,
    _ out: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> kstack_status {
    unsafe out?.pointee = nil
    return unsafe Call.run(error) { () throws(KStackError) in
        let container: Container = unsafe try Argument.handle(container, "container")
        let out = unsafe try Argument.output(out)
        unsafe try out.give(container.environment().text)
    }
}

@_cdecl("kstack_get_config_root") @implementation
public func kstack_get_config_root(
    _ container: OpaquePointer?,
    _ out: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> kstack_status {
    unsafe out?.pointee = nil
    return unsafe Call.run(error) { () throws(KStackError) in
        let container: Container = unsafe try Argument.handle(container, "container")
        let out = unsafe try Argument.output(out)
        if let root = try container.configRoot() { unsafe try out.give(root) }
    }
}

@_cdecl("kstack_get_vault_root") @implementation
public func kstack_get_vault_root(
    _ container: OpaquePointer?,
    _ out: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> kstack_status {
    unsafe out?.pointee = nil
    return unsafe Call.run(error) { () throws(KStackError) in
        let container: Container = unsafe try Argument.handle(container, "container")
        let out = unsafe try Argument.output(out)
        if let root = try container.vaultRoot() { unsafe try out.give(root) }
    }
}

@_cdecl("kstack_get_active_route") @implementation
public func kstack_get_active_route(
    _ container: OpaquePointer?,
    _ layer: UnsafePointer<CChar>?,
    _ out: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> kstack_status {
    unsafe out?.pointee = nil
    return unsafe Call.run(error) { () throws(KStackError) in
        let container: Container = unsafe try Argument.handle(container, "container")
        let layer = unsafe try Argument.layer(layer)
        let out = unsafe try Argument.output(out)
        unsafe try out.give(container.configuration.activeRoute(of: layer).name)
    }
}

extension Container.Options {
    /// Reads the caller's options.
    ///
    /// - Throws: `invalidArgument` for strings that are not UTF-8, an empty path or an empty passphrase.
    fileprivate init(_ options: kstack_options) throws(KStackError) {
        projectRoot = unsafe try Argument.optionalPath(options.project_root, "options.project_root")
        identityFile = unsafe try Argument.optionalPath(options.identity_file, "options.identity_file")
        if let text = unsafe try Argument.secret(options.passphrase, "options.passphrase") {
            do throws(AgeError) {
                passphrase = try Passphrase(text.span)
            } catch {
                throw KStackError(.invalidArgument, "options.passphrase cannot be used: it is empty or too long")
            }
        }
        if unsafe options.timeout_ms != 0 { timeout = Int(unsafe options.timeout_ms) }
        if let write = unsafe options.log { unsafe log = Log(write, options.log_context) }
    }
}

extension Log {
    /// Passes lines to a function of the caller.
    fileprivate init(_ write: @escaping kstack_log_function, _ context: UnsafeMutableRawPointer?) {
        // The caller guarantees that any thread may call it.
        nonisolated(unsafe) let context = unsafe context
        nonisolated(unsafe) let write = unsafe write
        self.init { level, message in
            let number =
                switch level {
                case .debug: KSTACK_LOG_DEBUG
                case .info: KSTACK_LOG_INFO
                case .warning: KSTACK_LOG_WARNING
                }
            let line = unsafe CString.copy(message)
            unsafe write(context, number, line)
            unsafe line.deallocate()
        }
    }
}
