import Glibc
public import Sodium

/// Standard input, output and error of a program.
public enum StandardStream: Int32, Sendable {
    case input = 0
    case output = 1
    case error = 2

    /// Whether it is a terminal.
    public var isTerminal: Bool { isatty(rawValue) == 1 }

    /// Writes all bytes.
    public func write(_ bytes: Span<UInt8>) throws(FileError) {
        var offset = 0
        while offset < bytes.count {
            let rest = bytes.extracting(offset..<bytes.count)
            offset += try unsafe rest.withUnsafeBytes { (rest) throws(FileError) -> Int in
                try SystemCall.make(path: name) { unsafe Glibc.write(rawValue, rest.baseAddress, rest.count) }
            }
        }
    }

    /// Writes a string; a closed reader is not an error.
    public func write(_ text: String) {
        try? write(text.utf8.span)
    }

    /// Reads to the end.
    ///
    /// - Throws: `tooLarge` for more than `limit` bytes.
    public func readAll(limit: Int) throws(FileError) -> SecretBytes {
        var content = try secret(0)
        var buffer = try secret(65536)
        while true {
            let count = try unsafe buffer.withUnsafeMutableBytes { (bytes) throws(FileError) -> Int in
                try SystemCall.make(path: name) { unsafe Glibc.read(rawValue, bytes.baseAddress, bytes.count) }
            }
            if count == 0 { return content }
            guard content.count + count <= limit else { throw FileError(.tooLarge, path: name) }
            try append(buffer.span.extracting(first: count), to: &content)
        }
    }

    /// Reads a line, without its end; gives up on a pending signal that ends the program.
    ///
    /// - Throws: `tooLarge` for more than 1 MiB.
    public func readLine() throws(FileError) -> SecretBytes {
        try Self.readLine(rawValue) { Self.waitsUntilReadable(rawValue) }
    }

    /// Prompts for one line with echo turned off.
    ///
    /// A signal that ends the program takes effect after echo is back on.
    ///
    /// - Throws: `wrongKind` where there is no terminal.
    public static func readHidden(prompt: String) throws(FileError) -> SecretBytes {
        let path = "/dev/tty"
        let terminal = try SystemCall.make(path: path) { unsafe open(path, O_RDWR | O_CLOEXEC | O_NOCTTY) }
        defer { _ = close(terminal) }
        var before = termios()
        guard unsafe tcgetattr(terminal, &before) == 0 else { throw FileError(.wrongKind, path: path) }
        let mask = Program.maskSignals()
        defer { Program.setMask(mask) }
        var silent = before
        silent.c_lflag &= ~tcflag_t(ECHO)
        _ = unsafe tcsetattr(terminal, TCSAFLUSH, &silent)
        defer {
            _ = unsafe tcsetattr(terminal, TCSAFLUSH, &before)
            StandardStream.error.write("\n")
        }
        StandardStream.error.write(prompt)
        return try readLine(terminal) { waitsUntilReadable(terminal) }
    }

    /// Waits for input; false where a blocked signal is pending.
    private static func waitsUntilReadable(_ descriptor: Int32) -> Bool {
        var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while !Program.isAskedToEnd {
            if unsafe poll(&wanted, 1, 50) != 0 { return true }
        }
        return false
    }

    /// Reads a line byte by byte, so that nothing after it is consumed.
    ///
    /// - Parameter mayRead: waits for something to read; false gives up.
    private static func readLine(_ descriptor: Int32, _ mayRead: () -> Bool) throws(FileError) -> SecretBytes {
        var line = try StandardStream.input.secret(0)
        var byte = try StandardStream.input.secret(1)
        while line.count < 1 << 20 {
            guard mayRead() else { throw FileError(code: EINTR, path: StandardStream.input.name) }
            let count = try unsafe byte.withUnsafeMutableBytes { (bytes) throws(FileError) -> Int in
                try SystemCall.make(path: StandardStream.input.name) {
                    unsafe Glibc.read(descriptor, bytes.baseAddress, 1)
                }
            }
            // An unfinished line at the end of the input is not an answer.
            if count == 0 { throw FileError(.noAnswer, path: StandardStream.input.name) }
            if byte.span[0] == UInt8(ascii: "\n") { return line }
            try StandardStream.input.append(byte.span, to: &line)
        }
        throw FileError(.tooLarge, path: StandardStream.input.name)
    }

    private func secret(_ count: Int) throws(FileError) -> SecretBytes {
        try mapError(FileError.memory(at: name), SecretBytes(count: count))
    }

    private func append(_ bytes: Span<UInt8>, to content: inout SecretBytes) throws(FileError) {
        try mapError(FileError.memory(at: name), content.append(bytes))
    }

    private var name: String {
        switch self {
        case .input: "standard input"
        case .output: "standard output"
        case .error: "standard error"
        }
    }
}
