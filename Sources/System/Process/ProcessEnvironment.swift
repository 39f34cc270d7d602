import Glibc
public import Sodium

/// The variables and the user of this process, read on each call.
///
/// Like every reader of the environment it must not run while another thread changes it (POSIX, `setenv`).
public enum ProcessEnvironment {
    /// How long a variable that is not secret may be in bytes: longer than any name or path.
    public static let longestString = 32 << 10

    /// The value of a variable that is not secret; nil where it is unset or empty.
    ///
    /// Invalid UTF-8 is replaced by U+FFFD, so that it names nothing that exists, but is not taken for unset.
    /// A longer value is truncated.
    public static func value(of name: String) -> String? {
        guard let value = unsafe getenv(name), unsafe value[0] != 0 else { return nil }
        let bytes = unsafe UnsafeRawBufferPointer(start: value, count: strnlen(value, longestString))
        return unsafe String(decoding: bytes, as: UTF8.self)
    }

    /// The value of a variable that holds a secret; nil where it is unset or empty.
    public static func secret(of name: String) throws(SodiumError) -> SecretBytes? {
        guard let value = unsafe getenv(name) else { return nil }
        let length = unsafe strlen(value)
        guard length > 0 else { return nil }
        let bytes = unsafe UnsafeRawBufferPointer(start: value, count: length)
        return try SecretBytes(copying: unsafe Span(_unsafeBytes: bytes))
    }

    /// The user id that the system checks access for.
    public static var effectiveUser: UInt32 { geteuid() }

    /// The process id, which changes with a fork.
    public static var process: Int32 { getpid() }
}
