import Glibc
public import Sodium

/// Running other programs.
public enum Program {
    /// A variable for a program: its name, and a value that may be a secret.
    public struct Variable: ~Copyable {
        let name: String
        let value: SecretBytes

        /// Takes ownership of a value.
        public init(name: String, value: consuming SecretBytes) {
            self.name = name
            self.value = value
        }
    }

    /// How a program ended.
    public struct Ended: ~Copyable {
        /// The exit code; 128 plus the signal's number where a signal ended it.
        public let code: Int32

        /// What it wrote to standard output.
        public let output: SecretBytes

        /// Takes out the output.
        public consuming func takeOutput() -> SecretBytes { output }
    }

    /// Replaces this process with another program, found by PATH; returns only where that fails.
    ///
    /// - Parameters:
    ///   - lines: `NAME=value` lines, NUL-terminated, which come before the variables of this process.
    ///   - inherits: whether a variable of this process is passed on, where no line has its name.
    public static func replace(
        _ arguments: [String],
        lines: borrowing SecretBytes,
        names: Set<String>,
        inherits: (String) -> Bool
    ) -> FileError {
        var pointers: [UnsafeMutablePointer<CChar>?] = unsafe []
        let argumentPointers = unsafe arguments.map { unsafe strdup($0) } + [nil]
        unsafe lines.withUnsafeBytes { bytes in
            var start = 0
            for index in 0..<bytes.count where unsafe bytes[index] == 0 {
                let line = unsafe bytes.baseAddress.map { unsafe ($0 + start).assumingMemoryBound(to: CChar.self) }
                if let line = unsafe line { unsafe pointers.append(strdup(line)) }
                start = index + 1
            }
        }
        var position = 0
        while let entry = unsafe environ[position] {
            position += 1
            let text = unsafe String(cString: entry)
            let name = String(text.prefix { $0 != "=" })
            if !names.contains(name), inherits(name) { unsafe pointers.append(entry) }
        }
        unsafe pointers.append(nil)
        guard let name = arguments.first else { return FileError(code: EINVAL, path: "") }
        var code = ENOENT
        for path in candidates(for: name) {
            _ = unsafe execve(path, argumentPointers, pointers)
            // A program without permission to run is reported rather than a missing one.
            if errno != ENOENT && errno != ENOTDIR { code = errno }
        }
        return FileError(code: code, path: name)
    }

    /// The path of a program that may be run; nil where there is none.
    public static func find(_ name: String) -> String? {
        candidates(for: name).first { unsafe access($0, X_OK) == 0 }
    }

    /// The paths where a program may be.
    private static func candidates(for name: String) -> [String] {
        if name.utf8.contains(UInt8(ascii: "/")) { return [name] }
        let path = ProcessEnvironment.value(of: "PATH") ?? "/usr/local/bin:/usr/bin:/bin"
        return path.split(separator: ":").map { "\($0)/\(name)" }
    }

    /// The names of the variables of this process.
    public static var variableNames: Set<String> {
        var names: Set<String> = []
        var position = 0
        while let entry = unsafe environ[position] {
            position += 1
            names.insert(unsafe String(String(cString: entry).prefix { $0 != "=" }))
        }
        return names
    }

    /// Runs a program, found by PATH, without standard input and with this process's standard error; returns its
    /// output.
    public static func run(_ arguments: [String]) throws(FileError) -> Ended {
        var ends: [Int32] = [0, 0]
        let path = arguments.first ?? ""
        _ = try SystemCall.make(path: path) { unsafe pipe(&ends) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { _ = close(ends[0]) }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        let child = unsafe try spawn(arguments, &actions)
        _ = close(ends[1])
        let output: SecretBytes
        do throws(FileError) {
            output = try readAll(ends[0], path: path)
        } catch {
            _ = wait(for: child)
            throw error
        }
        return Ended(code: wait(for: child), output: output)
    }

    /// Runs a program on the terminal of this one, and waits.
    ///
    /// Signals that would end this process are passed on to the program.
    ///
    /// - Returns: its exit code, and the signal that was sent to end it or this process.
    public static func runOnTerminal(_ arguments: [String]) throws(FileError) -> (code: Int32, signal: Int32?) {
        // The program gets an interrupt from the keyboard itself.
        var set = endingSignals
        unsafe sigaddset(&set, SIGCHLD)
        var before = sigset_t()
        unsafe pthread_sigmask(SIG_BLOCK, &set, &before)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
        var attributes = freshAttributes()
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var child: pid_t = 0
        let given = unsafe arguments.map { unsafe strdup($0) } + [nil]
        defer { unsafe freeAll(given) }
        let code = unsafe posix_spawnp(&child, arguments.first ?? "", nil, &attributes, given, environ)
        guard code == 0 else { throw FileError(code: code, path: arguments.first ?? "") }
        var received: Int32?
        while true {
            var status: Int32 = 0
            if unsafe waitpid(child, &status, WNOHANG) == child {
                let ending = status & 0x7F
                let isEnded = [SIGHUP, SIGINT, SIGQUIT, SIGTERM].contains(ending)
                return (self.code(of: status), received ?? (isEnded ? ending : nil))
            }
            var signal: Int32 = 0
            _ = unsafe sigwait(&set, &signal)
            if signal == SIGHUP || signal == SIGTERM {
                received = signal
                _ = kill(child, signal)
            }
        }
    }

    private static func spawn(
        _ arguments: [String],
        _ actions: inout posix_spawn_file_actions_t
    ) throws(FileError) -> pid_t {
        var child: pid_t = 0
        let given = unsafe arguments.map { unsafe strdup($0) } + [nil]
        defer { unsafe freeAll(given) }
        var attributes = freshAttributes()
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        let code = unsafe posix_spawnp(&child, arguments.first ?? "", &actions, &attributes, given, environ)
        guard code == 0 else { throw FileError(code: code, path: arguments.first ?? "") }
        return child
    }

    private static func freeAll(_ texts: [UnsafeMutablePointer<CChar>?]) {
        for index in unsafe texts.indices { unsafe free(texts[index]) }
    }

    private static func readAll(_ descriptor: Int32, path: String) throws(FileError) -> SecretBytes {
        try mapError(FileError.memory(at: path)) { () throws(SodiumError) in
            var content = try SecretBytes(minimumCapacity: 4096)
            var buffer = try SecretBytes(count: 65536)
            while true {
                let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                if count <= 0 { return content }
                try content.append(buffer.span.extracting(first: count))
            }
        }
    }

    private static func wait(for child: pid_t) -> Int32 {
        var status: Int32 = 0
        while unsafe waitpid(child, &status, 0) == -1, errno == EINTR {}
        return code(of: status)
    }

    private static func code(of status: Int32) -> Int32 {
        let signal = status & 0x7F
        return signal == 0 ? status >> 8 & 0xFF : 128 + signal
    }
}

extension Program {
    /// The signals that end a program from outside.
    private static var endingSignals: sigset_t {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTERM] { unsafe sigaddset(&set, signal) }
        return set
    }

    /// Blocks signals that would end this process before its clean-up.
    public static func holdSignals() {
        _ = maskSignals()
    }

    /// As above; returns the previous mask.
    static func maskSignals() -> sigset_t {
        var set = endingSignals
        var before = sigset_t()
        unsafe pthread_sigmask(SIG_BLOCK, &set, &before)
        return before
    }

    /// Restores a mask.
    static func setMask(_ mask: sigset_t) {
        var mask = mask
        unsafe pthread_sigmask(SIG_SETMASK, &mask, nil)
    }

    /// Unblocks signals; a pending one ends this process.
    public static func releaseSignals() {
        var set = endingSignals
        unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }

    /// Whether a blocked signal that ends this process is pending.
    public static var isAskedToEnd: Bool {
        var pending = sigset_t()
        unsafe sigpending(&pending)
        return [SIGHUP, SIGINT, SIGQUIT, SIGTERM].contains { unsafe sigismember(&pending, $0) == 1 }
    }

    /// The attributes of a program that starts with no signal blocked.
    private static func freshAttributes() -> posix_spawnattr_t {
        var attributes = posix_spawnattr_t()
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_init(&attributes)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        return attributes
    }

    /// Ends this process at once.
    public static func exit(_ code: Int32) -> Never {
        Glibc.exit(code)
    }
}
