// The names are those of the C header.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CKStack

/// The version of the library.
@_cdecl("kstack_version") @implementation
public func kstack_version() -> UnsafePointer<CChar>? {
    unsafe StaticCString.version.address
}

/// The version of the library as a number.
@_cdecl("kstack_version_number") @implementation
public func kstack_version_number() -> UInt32 {
    UInt32(KSTACK_VERSION_MAJOR * 10000 + KSTACK_VERSION_MINOR * 100 + KSTACK_VERSION_PATCH)
}

/// The version of the binary interface.
@_cdecl("kstack_abi_version") @implementation
public func kstack_abi_version() -> UInt32 {
    UInt32(KSTACK_ABI_VERSION)
}
