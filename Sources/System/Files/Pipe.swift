import Glibc
public import Sodium

/// A pipe that the user named in place of a file, as a shell makes one for `<(command)`; closed at the end.
public struct Pipe: ~Copyable {
    /// How long its writer may keep silent, in milliseconds: it may be asking a person for a passphrase.
    private static let patience: Int32 = 300_000

    private let descriptor: Int32
    private let path: String

    /// What the system tells of it.
    public let status: FileStatus

    /// Opens it; what has been read from it is gone for everybody.
    ///
    /// - Throws: `wrongKind` for what is no pipe.
    public static func open(path: String) throws(FileError) -> Pipe {
        let descriptor = try SystemCall.make(path: path) {
            unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        }
        var status = stat()
        let result = unsafe fstat(descriptor, &status)
        let code = errno
        let pipe = Pipe(descriptor: descriptor, path: path, status: FileStatus(status))
        guard result == 0 else { throw FileError(code: code, path: path) }
        guard pipe.status.kind == .pipe else { throw FileError(.wrongKind, path: path) }
        return pipe
    }

    deinit {
        _ = close(descriptor)
    }

    /// Reads it to its end.
    ///
    /// - Throws: `tooLarge` for more than `limit` bytes; `system` where its writer keeps silent for minutes.
    public func readAll(limit: Int) throws(FileError) -> SecretBytes {
        var content = try mapError(FileError.memory(at: path), SecretBytes(minimumCapacity: 4096))
        var buffer = try mapError(FileError.memory(at: path), SecretBytes(count: 4096))
        while true {
            let count = try read(into: &buffer)
            if count == 0 { return content }
            guard content.count + count <= limit else { throw FileError(.tooLarge, path: path) }
            try mapError(FileError.memory(at: path), content.append(buffer.span.extracting(first: count)))
        }
    }

    private func read(into buffer: inout SecretBytes) throws(FileError) -> Int {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let scope = Scope.current
        let end = MonotonicClock.system.now() &+ Int(Self.patience)
        var ready: Int32 = 0
        while ready == 0, MonotonicClock.system.now() < end {
            // The program is not asked: who reads identities has the turn, which a look-up of the program would wait for.
            if let stop = scope?.stopUnasked { throw FileError(code: stop.code, path: path) }
            let pause = scope == nil ? Self.patience : Int32(Scope.longestPause)
            ready = try waiting { () throws(FileError) in
                try SystemCall.make(path: path) { unsafe poll(&request, 1, pause) }
            }
        }
        guard ready > 0 else { throw FileError(code: ETIMEDOUT, path: path) }
        return try unsafe buffer.withUnsafeMutableBytes { (bytes) throws(FileError) -> Int in
            try SystemCall.make(path: path) { unsafe Glibc.read(descriptor, bytes.baseAddress, bytes.count) }
        }
    }
}
