// The names are those of the C header.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CKStack
import KStackAny

/// A structure of options, which begins with its size and may be from a newer header.
protocol OptionStructure {
    /// All fields zero: their defaults.
    init()
}

extension kstack_options: OptionStructure {}
extension kstack_vault_options: OptionStructure {}
extension kstack_secrets_provider: OptionStructure {}
extension kstack_scope: OptionStructure {}

extension OptionStructure {
    /// Copies the caller's structure.
    ///
    /// It is never smaller than this one: the first header had all of these fields.
    /// - Parameter pointer: may be null: all defaults.
    /// - Throws: `invalidArgument` for a size that no header has, or fields of a newer header that are set.
    static func read(_ pointer: UnsafePointer<Self>?, _ name: String) throws(KStackError) -> Self {
        var result = Self()
        guard let pointer = unsafe pointer else { return result }
        let bytes = unsafe UnsafeRawPointer(pointer)
        let size = unsafe bytes.loadUnaligned(as: Int.self)
        let known = MemoryLayout<Self>.stride
        guard size >= known, size <= 4096 else {
            throw KStackError(.invalidArgument, "\(name).struct_size is \(size); set it to sizeof(\(Self.self))")
        }
        let tail = unsafe UnsafeRawBufferPointer(start: bytes, count: size).dropFirst(known)
        guard unsafe tail.allSatisfy({ $0 == 0 }) else {
            throw KStackError(
                .invalidArgument,
                "\(name) sets a field that this version of the library does not know; use a newer library"
            )
        }
        unsafe withUnsafeMutableBytes(of: &result) { target in
            unsafe target.copyMemory(from: UnsafeRawBufferPointer(start: bytes, count: known))
        }
        return result
    }
}
