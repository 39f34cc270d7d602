// The functions are documented in the C header, which also gives their names.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

public import CKStack
import KStackAny
import System

/// An error as C holds it.
@safe
final class ErrorObject {
    let status: kstack_status
    let isRetryable: Bool
    let message: UnsafeMutablePointer<CChar>
    let number: Int32
    let path: UnsafeMutablePointer<CChar>

    init(_ error: KStackError) {
        status = error.code.status
        isRetryable = error.isRetryable
        unsafe message = CString.copy(error.message)
        number = error.cause?.code ?? 0
        unsafe path = CString.copyPath(number == 0 ? "" : error.cause?.path ?? "")
    }

    deinit {
        unsafe message.deallocate()
        unsafe path.deallocate()
    }
}

@_cdecl("kstack_status_name") @implementation
public func kstack_status_name(_ status: kstack_status) -> UnsafePointer<CChar>? {
    unsafe StaticCString.statusName(status).address
}

@_cdecl("kstack_error_code") @implementation
public func kstack_error_code(_ error: OpaquePointer?) -> kstack_status {
    unsafe Handle.object(error, as: ErrorObject.self)?.status ?? KSTACK_OK
}

@_cdecl("kstack_error_message") @implementation
public func kstack_error_message(_ error: OpaquePointer?) -> UnsafePointer<CChar>? {
    guard let error = unsafe Handle.object(error, as: ErrorObject.self) else {
        return unsafe StaticCString.empty.address
    }
    return unsafe UnsafePointer(error.message)
}

@_cdecl("kstack_error_is_retryable") @implementation
public func kstack_error_is_retryable(_ error: OpaquePointer?) -> Bool {
    unsafe Handle.object(error, as: ErrorObject.self)?.isRetryable ?? false
}

@_cdecl("kstack_error_errno") @implementation
public func kstack_error_errno(_ error: OpaquePointer?) -> Int32 {
    unsafe Handle.object(error, as: ErrorObject.self)?.number ?? 0
}

@_cdecl("kstack_error_path") @implementation
public func kstack_error_path(_ error: OpaquePointer?) -> UnsafePointer<CChar>? {
    guard let error = unsafe Handle.object(error, as: ErrorObject.self) else {
        return unsafe StaticCString.empty.address
    }
    return unsafe UnsafePointer(error.path)
}

@_cdecl("kstack_error_free") @implementation
public func kstack_error_free(_ error: OpaquePointer?) {
    unsafe Handle.free(error, as: ErrorObject.self)
}
