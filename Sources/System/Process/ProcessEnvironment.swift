import Glibc
public import Sodium

/// The variables and the user of this process, read when they are asked for.
///
/// Like every reader of the environment it must not run while another thread changes it (POSIX, `setenv`).
public enum ProcessEnvironment {
    /// How many bytes a string has that is no secret: more than any name or path.
    public static let longestString = 32 << 10

    /// The value of a variable that is no secret; nil where it is unset or empty.
    ///
    /// What is not UTF-8 in it is replaced by U+FFFD, so that it names nothing that exists, and is not taken for unset.
    /// One that is longer than any name or path is cut.
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

    /// The number of the process, another one after a fork.
    public static var process: Int32 { getpid() }
}
