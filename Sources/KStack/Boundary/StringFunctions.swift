// The functions are documented in the C header, which also gives their names.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CHost
import CKStack
import KStackAny
import Sodium

extension SecretBytes {
    /// The address of a string in this arena; valid while the owner of the arena lives, which never changes it.
    borrowing func address(of place: Range<Int>) -> UnsafePointer<CChar>? {
        unsafe withUnsafeBytes { bytes in
            unsafe bytes.baseAddress.map { unsafe ($0 + place.lowerBound).assumingMemoryBound(to: CChar.self) }
        }
    }
}

extension UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> {
    /// Gives a string to the caller, in locked memory that they free.
    func give(_ string: String) throws(KStackError) {
        unsafe try give(string.utf8.span)
    }

    /// Gives a secret string to the caller, in locked memory that they free.
    func give(_ string: Span<UInt8>) throws(KStackError) {
        do throws(SodiumError) {
            unsafe pointee = try LockedCString.make(copying: string)
        } catch {
            throw .memory(error)
        }
    }
}

@_cdecl("kstack_string_free") @implementation
public func kstack_string_free(_ string: UnsafeMutablePointer<CChar>?) {
    guard let string = unsafe string else { return }
    chost_enter()
    defer { chost_leave() }
    unsafe LockedCString.free(string)
}

@_cdecl("kstack_string_list_count") @implementation
public func kstack_string_list_count(_ list: OpaquePointer?) -> Int {
    unsafe Handle.object(list, as: StringList.self)?.count ?? 0
}

@_cdecl("kstack_string_list_get") @implementation
public func kstack_string_list_get(_ list: OpaquePointer?, _ index: Int) -> UnsafePointer<CChar>? {
    unsafe Handle.object(list, as: StringList.self)?.address(at: index)
}

@_cdecl("kstack_string_list_free") @implementation
public func kstack_string_list_free(_ list: OpaquePointer?) {
    unsafe Handle.free(list, as: StringList.self)
}
