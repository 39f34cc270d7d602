// The functions are documented in the C header, which also gives their names.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CKStack

@_cdecl("kstack_version") @implementation
public func kstack_version() -> UnsafePointer<CChar>? {
    unsafe StaticCString.version.address
}

@_cdecl("kstack_version_number") @implementation
public func kstack_version_number() -> UInt32 {
    UInt32(KSTACK_VERSION_MAJOR * 10000 + KSTACK_VERSION_MINOR * 100 + KSTACK_VERSION_PATCH)
}

@_cdecl("kstack_abi_version") @implementation
public func kstack_abi_version() -> UInt32 {
    UInt32(KSTACK_ABI_VERSION)
}
