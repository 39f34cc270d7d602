import Glibc
public import Sodium

/// An error of the file system, with its path.
public struct FileError: Error, Equatable {
    /// The kinds of error that callers handle differently.
    public enum Kind: Sendable {
        /// It does not exist.
        case notFound

        /// It is a symbolic link, where links are not followed.
        case symbolicLink

        /// It is another kind of file: a folder for a file, a device, a file for a folder.
        case wrongKind

        /// A file is larger than the caller's limit.
        case tooLarge

        /// It exists already.
        case exists

        /// Somebody else holds the lock.
        case locked

        /// The scope of the call has reached its end.
        case timedOut

        /// The scope of the call was cancelled.
        case cancelled

        /// The input ended before a line was typed.
        case noAnswer

        /// Any other error; see `code`.
        case system
    }

    /// The kind of error.
    public let kind: Kind

    /// The number of the system's error (`errno`), 0 where the system reported none.
    public let code: Int32

    /// The path of the file or folder.
    public let path: String

    /// Whether permission was denied.
    public var isDenied: Bool { code == EACCES || code == EPERM }

    /// Whether nothing has this path: a part of it does not exist, is no folder, or is longer than names can be.
    public var isMissing: Bool {
        switch code {
        case ENOENT, ENOTDIR: true
        case ENAMETOOLONG: path.utf8.split(separator: UInt8(ascii: "/")).contains { $0.count > Int(NAME_MAX) }
        default: false
        }
    }

    /// Whether there was no memory.
    public var isOfMemory: Bool { code == ENOMEM }

    /// Makes an error that no system call reported.
    public init(_ kind: Kind, path: String) {
        self.kind = kind
        self.code = 0
        self.path = path
    }

    /// Makes an error of the number that a system call left.
    public init(code: Int32, path: String) {
        switch code {
        case ENOENT: kind = .notFound
        case ELOOP: kind = .symbolicLink
        case ENOTDIR, EISDIR: kind = .wrongKind
        case EEXIST: kind = .exists
        case EWOULDBLOCK: kind = .locked
        case Stop.timeout.code: kind = .timedOut
        case Stop.cancelled.code: kind = .cancelled
        default: kind = .system
        }
        self.code = code
        self.path = path
    }

    /// The error for missing memory, for `mapError`: ENOMEM.
    public static func memory(at path: String) -> (SodiumError) -> FileError {
        { _ in FileError(code: ENOMEM, path: path) }
    }

    /// Throws where the scope of this thread has ended.
    ///
    /// - Throws: `timedOut`, `cancelled`.
    public static func checkScope(path: @autoclosure () -> String) throws(FileError) {
        if let stop = Scope.currentStop { throw FileError(code: stop.code, path: path()) }
    }

    /// The path, and the reason in words.
    public var description: String {
        switch kind {
        case .symbolicLink: "\(path) is a symbolic link"
        case .wrongKind where code == 0:
            "\(path) is neither a regular file nor a directory, or one in place of the other"
        case .tooLarge: "\(path) is too large"
        case .noAnswer: "\(path) ended without a line"
        case .locked:
            "\(path) is locked by another run, which has not ended for \(Directory.patience / 1000) seconds; "
                + "try again later"
        case .timedOut: "\(path): the deadline of the call's scope passed; try again with a later one"
        case .cancelled: "\(path): the call was cancelled"
        default: "\(path): \(FileError.text(of: code))"
        }
    }

    /// The system's message for an error number, with the number.
    public static func text(of code: Int32) -> String {
        var words = ""
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let start = buffer.baseAddress, unsafe strerror_r(code, start, 256) == 0 else { return }
            unsafe words = String(cString: start)
        }
        return words.isEmpty ? "error \(code)" : "\(words) (errno \(code))"
    }
}
