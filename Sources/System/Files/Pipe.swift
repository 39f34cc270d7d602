import Glibc
public import Sodium

/// A pipe that the user named in place of a file, as a shell makes one for `<(command)`; closed at the end.
///
/// A pipe gives its content once. So what was read is kept when a wait ends early, and the next call continues.
public struct Pipe: ~Copyable {
    /// How long its writer may be silent, in milliseconds: it may be asking a person for a passphrase.
    private static let patience: Int32 = 300_000

    private let descriptor: Int32
    private let path: String

    /// What was read so far; nil before the first read, and after it was returned.
    private var content: SecretBytes?

    /// Its status when it was opened.
    public let status: FileStatus

    /// Whether it was read to its end, or beyond the limit of a caller.
    public private(set) var isFinished = false

    /// Opens it; what has been read from it is gone for everybody.
    ///
    /// - Throws: `wrongKind` for what is not a pipe.
    public static func open(path: String) throws(FileError) -> Pipe {
        let descriptor = try SystemCall.make(path: path) {
            unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        }
        return Pipe(descriptor: descriptor, path: path, try SystemCall.status(of: descriptor, path: path, .pipe))
    }

    private init(descriptor: Int32, path: String, _ status: FileStatus) {
        self.descriptor = descriptor
        self.path = path
        self.status = status
    }

    deinit {
        _ = close(descriptor)
    }

    /// Reads it to its end, from where an earlier call stopped.
    ///
    /// - Throws: `tooLarge` for more than `limit` bytes; `timedOut` and `cancelled` where the scope of this thread
    ///   ends; `system` where its writer is silent for minutes. After the last three a call can continue.
    public mutating func readAll(limit: Int) throws(FileError) -> SecretBytes {
        var all = try mapError(FileError.memory(at: path)) { () throws(SodiumError) in
            if let begun = content.take() { begun } else { try SecretBytes(minimumCapacity: 4096) }
        }
        do throws(FileError) {
            var buffer = try mapError(FileError.memory(at: path), SecretBytes(count: 4096))
            while case let count = try read(into: &buffer), count > 0 {
                guard all.count + count <= limit else {
                    isFinished = true
                    throw FileError(.tooLarge, path: path)
                }
                try mapError(FileError.memory(at: path), all.append(buffer.span.extracting(first: count)))
            }
        } catch {
            content = consume all
            throw error
        }
        isFinished = true
        return all
    }

    private func read(into buffer: inout SecretBytes) throws(FileError) -> Int {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let scope = Scope.current
        let end = MonotonicClock.system.now() &+ Int(Self.patience)
        var ready: Int32 = 0
        while ready == 0, MonotonicClock.system.now() < end {
            // The program's is_interrupted is not called: this thread may hold the turn for identities, which a look-up
            // by the program would wait for.
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
