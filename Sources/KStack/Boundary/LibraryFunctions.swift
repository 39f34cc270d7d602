// The names are those of the C header.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CKStack

/// The version of the library.
@_cdecl("kstack_version") @implementation
public func kstack_version() -> UnsafePointer<CChar>? {
    unsafe StaticCString.version.address
}

/// The version of the binary interface.
@_cdecl("kstack_abi_version") @implementation
public func kstack_abi_version() -> UInt32 {
    UInt32(KSTACK_ABI_VERSION)
}
