// The functions are documented in the C header, which also gives their names.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CKStack
import KStackAny
import Sodium

@_cdecl("kstack_get_credentials") @implementation
public func kstack_get_credentials(
    _ container: OpaquePointer?,
    _ service: UnsafePointer<CChar>?,
    _ layer: UnsafePointer<CChar>?,
    _ environment: UnsafePointer<CChar>?,
    _ out: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> kstack_status {
    unsafe out?.pointee = nil
    return unsafe Call.run(error) { () throws(KStackError) in
        let container: Container = unsafe try Argument.handle(container, "container")
        let service = unsafe try Argument.service(service)
        let layer = unsafe try Argument.layer(layer)
        let environment = unsafe try Argument.environment(environment)
        let out = unsafe try Argument.output(out)
        let credentials = try container.secretsProvider.credentials(
            service: service,
            layer: layer,
            environment: environment
        )
        unsafe out.pointee = Handle.make(credentials)
    }
}

@_cdecl("kstack_load_secrets") @implementation
public func kstack_load_secrets(
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
        let secrets = try container.secretsProvider.secrets(of: layer, environment: environment)
        unsafe out.pointee = Handle.make(secrets)
    }
}

@_cdecl("kstack_resolve_service") @implementation
public func kstack_resolve_service(
    _ container: OpaquePointer?,
    _ service: UnsafePointer<CChar>?,
    _ layer: UnsafePointer<CChar>?,
    _ environment: UnsafePointer<CChar>?,
    _ provider: UnsafePointer<CChar>?,
    _ out: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> kstack_status {
    unsafe out?.pointee = nil
    return unsafe Call.run(error) { () throws(KStackError) in
        let container: Container = unsafe try Argument.handle(container, "container")
        let service = unsafe try Argument.service(service)
        let layer = unsafe try Argument.layer(layer)
        let environment = unsafe try Argument.environment(environment)
        let provider = unsafe try Argument.provider(provider)
        let out = unsafe try Argument.output(out)
        let resolved = try container.serviceResolver.resolve(
            service,
            layer: layer,
            environment: environment,
            provider: provider
        )
        unsafe out.pointee = Handle.make(resolved)
    }
}

@_cdecl("kstack_aws_credential_process") @implementation
public func kstack_aws_credential_process(
    _ container: OpaquePointer?,
    _ service: UnsafePointer<CChar>?,
    _ layer: UnsafePointer<CChar>?,
    _ environment: UnsafePointer<CChar>?,
    _ out: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> kstack_status {
    unsafe out?.pointee = nil
    return unsafe Call.run(error) { () throws(KStackError) in
        let container: Container = unsafe try Argument.handle(container, "container")
        let service = unsafe try Argument.service(service)
        let layer = unsafe try Argument.layer(layer)
        let environment = unsafe try Argument.environment(environment)
        let out = unsafe try Argument.output(out)
        let credentials = try container.secretsProvider.credentials(
            service: service,
            layer: layer,
            environment: environment
        )
        let json = try AWSKeys.json(of: credentials)
        unsafe try out.give(json.span)
    }
}

@_cdecl("kstack_credentials_aws_keys") @implementation
public func kstack_credentials_aws_keys(
    _ credentials: OpaquePointer?,
    _ out: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> kstack_status {
    unsafe out?.pointee = nil
    return unsafe Call.run(error) { () throws(KStackError) in
        let credentials: Credentials = unsafe try Argument.plainHandle(credentials, "credentials")
        let out = unsafe try Argument.output(out)
        unsafe out.pointee = Handle.make(try AWSKeys.keys(of: credentials))
    }
}

@_cdecl("kstack_credentials_environ") @implementation
public func kstack_credentials_environ(
    _ credentials: OpaquePointer?,
    _ out: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> kstack_status {
    unsafe out?.pointee = nil
    return unsafe Call.run(error) { () throws(KStackError) in
        let credentials: Credentials = unsafe try Argument.plainHandle(credentials, "credentials")
        let out = unsafe try Argument.output(out)
        unsafe out.pointee = Handle.make(try EnvironmentVariables.variables(of: credentials))
    }
}

@_cdecl("kstack_credentials_count") @implementation
public func kstack_credentials_count(_ credentials: OpaquePointer?) -> Int {
    unsafe Handle.object(credentials, as: Credentials.self)?.count ?? 0
}

@_cdecl("kstack_credentials_name") @implementation
public func kstack_credentials_name(_ credentials: OpaquePointer?, _ index: Int) -> UnsafePointer<CChar>? {
    unsafe address(in: credentials) { $0.name(at: index) }
}

@_cdecl("kstack_credentials_value") @implementation
public func kstack_credentials_value(
    _ credentials: OpaquePointer?,
    _ index: Int,
    _ size: UnsafeMutablePointer<Int>?
) -> UnsafeRawPointer? {
    unsafe bytes(in: credentials, size) { $0.value(at: index) }
}

@_cdecl("kstack_credentials_get") @implementation
public func kstack_credentials_get(
    _ credentials: OpaquePointer?,
    _ name: UnsafePointer<CChar>?
) -> UnsafePointer<CChar>? {
    var size = 0
    guard let value = unsafe kstack_credentials_get_bytes(credentials, name, &size) else { return nil }
    let string = unsafe value.assumingMemoryBound(to: CChar.self)
    return unsafe Argument.length(of: string, limit: size) == size ? string : nil
}

@_cdecl("kstack_credentials_get_bytes") @implementation
public func kstack_credentials_get_bytes(
    _ credentials: OpaquePointer?,
    _ name: UnsafePointer<CChar>?,
    _ size: UnsafeMutablePointer<Int>?
) -> UnsafeRawPointer? {
    unsafe bytes(in: credentials, size) { credentials in
        guard let name = unsafe name, let name = unsafe String(validatingCString: name) else { return nil }
        return credentials.value(named: name.utf8.span)
    }
}

@_cdecl("kstack_credentials_json") @implementation
public func kstack_credentials_json(_ credentials: OpaquePointer?) -> UnsafePointer<CChar>? {
    unsafe address(in: credentials) { $0.json }
}

@_cdecl("kstack_credentials_source") @implementation
public func kstack_credentials_source(_ credentials: OpaquePointer?) -> UnsafePointer<CChar>? {
    unsafe address(in: credentials) { $0.source }
}

@_cdecl("kstack_credentials_free") @implementation
public func kstack_credentials_free(_ credentials: OpaquePointer?) {
    unsafe Handle.free(credentials, as: Credentials.self)
}

/// The address of a string of credentials; valid until they are freed.
private func address(
    in handle: OpaquePointer?,
    _ place: (Credentials) -> Range<Int>?
) -> UnsafePointer<CChar>? {
    guard let credentials = unsafe Handle.object(handle, as: Credentials.self), let place = place(credentials) else {
        return nil
    }
    return unsafe credentials.arena.address(of: place)
}

/// The address of a value, and its size; valid until the credentials are freed.
private func bytes(
    in handle: OpaquePointer?,
    _ size: UnsafeMutablePointer<Int>?,
    _ place: (Credentials) -> Range<Int>?
) -> UnsafeRawPointer? {
    unsafe size?.pointee = 0
    let address = unsafe address(in: handle) { credentials in
        let place = place(credentials)
        unsafe size?.pointee = place?.count ?? 0
        return place
    }
    return unsafe UnsafeRawPointer(address)
}
