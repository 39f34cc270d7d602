import Glibc

/// The system calls' one convention: -1 means an error, an interrupted call is made again, errno is read at once.
enum SystemCall {
    /// Calls until it is not interrupted, and throws what `errno` says.
    static func make<Number: FixedWidthInteger>(
        path: @autoclosure () -> String,
        _ body: () -> Number
    ) throws(FileError) -> Number {
        while true {
            let result = body()
            if result != -1 { return result }
            let code = errno
            if code != EINTR { throw FileError(code: code, path: path()) }
        }
    }
}
