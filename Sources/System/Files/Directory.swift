import CHost
import Glibc
public import Sodium

/// An open folder.
///
/// Files below it are reached by single names relative to it; no link is followed on the way.
public struct Directory: ~Copyable, Sendable {
    let descriptor: Int32

    /// The path that it was opened by.
    public let path: String

    /// Its status when it was opened.
    public let status: FileStatus

    /// Takes ownership of a folder's descriptor.
    private init(descriptor: Int32, path: String) throws(FileError) {
        status = try SystemCall.status(of: descriptor, path: path, .directory)
        self.descriptor = descriptor
        self.path = path
    }

    deinit {
        _ = close(descriptor)
    }

    /// Opens a folder by its whole path, following links: the root of a walk.
    public static func open(path: String) throws(FileError) -> Directory {
        let descriptor = try SystemCall.make(path: path) { unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_DIRECTORY) }
        return try Directory(descriptor: descriptor, path: path)
    }

    /// Opens a folder in this one; a link is refused.
    public func directory(_ name: String) throws(FileError) -> Directory {
        let descriptor = try openEntry(name, O_DIRECTORY)
        return try Directory(descriptor: descriptor, path: path(of: name))
    }

    /// Opens a regular file in this folder for reading; a link, a device or a pipe is refused.
    public func file(_ name: String) throws(FileError) -> OpenFile {
        let descriptor = try openEntry(name, O_NONBLOCK | O_NOCTTY)
        return try OpenFile(descriptor: descriptor, path: path(of: name))
    }

    /// The status of a name in this folder, links not followed; nil where nothing has it.
    public func status(of name: String) throws(FileError) -> FileStatus? {
        var status = stat()
        do throws(FileError) {
            _ = try SystemCall.make(path: path(of: name)) {
                unsafe fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW)
            }
        } catch  where error.kind == .notFound {
            return nil
        }
        return FileStatus(status)
    }

    /// A name in a folder, and its kind when the folder was read.
    public struct Entry: Sendable {
        /// The name, with invalid UTF-8 replaced by U+FFFD: such a name can be shown, and no file has it.
        public let name: String

        /// The kind of file; also `other` for one that is gone by now.
        public let kind: FileStatus.Kind
    }

    /// The names in this folder in the order of their bytes, without `.` and `..`.
    public func names() throws(FileError) -> FallibleArray<String> {
        let entries = try entries()
        return try mapError(FileError.memory(at: path)) { () throws(SodiumError) in
            var names = try FallibleArray(entries.lazy.map(\.name))
            try names.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            return names
        }
    }

    /// The entries of this folder in the order of the file system, without `.` and `..`.
    public func entries() throws(FileError) -> FallibleArray<Entry> {
        // A folder's position belongs to its open file description, so every walk has its own.
        let own = try SystemCall.make(path: path) {
            unsafe openat(descriptor, ".", O_RDONLY | O_CLOEXEC | O_DIRECTORY)
        }
        guard let stream = unsafe fdopendir(own) else {
            let code = errno
            _ = close(own)
            throw FileError(code: code, path: path)
        }
        defer { _ = unsafe closedir(stream) }
        var entries = FallibleArray<Entry>()
        while true {
            errno = 0
            guard let entry = unsafe readdir(stream) else {
                let code = errno
                guard code == 0 else { throw FileError(code: code, path: path) }
                break
            }
            let length = unsafe Int(entry.pointee.d_reclen) - (MemoryLayout<dirent>.offset(of: \.d_name) ?? 19)
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
                unsafe field.withMemoryRebound(to: CChar.self, capacity: length) {
                    unsafe String(cString: $0)
                }
            }
            guard name != ".", name != ".." else { continue }
            // Some file systems do not record it in folders.
            var kind = unsafe FileStatus.Kind(entryType: entry.pointee.d_type)
            if kind == nil { kind = try status(of: name)?.kind }
            try mapError(FileError.memory(at: path), entries.append(Entry(name: name, kind: kind ?? .other)))
        }
        return entries
    }

    /// How long to wait for a lock that is held, in milliseconds.
    static let patience = 30_000

    /// Waits for the lock on this folder, and holds it for the life of the result.
    ///
    /// - Throws: `locked` where somebody holds it for half a minute; `timedOut` and `cancelled` where the scope of this
    ///   thread ends before.
    public func lock(clock: MonotonicClock = .system) throws(FileError) -> DirectoryLock {
        // A new file description, so that threads of one process exclude each other as well.
        let own = try SystemCall.make(path: path) {
            unsafe openat(descriptor, ".", O_RDONLY | O_CLOEXEC | O_DIRECTORY)
        }
        let lock = DirectoryLock(descriptor: own)
        // Bounded, since whoever may read the folder may lock it.
        let end = clock.now() &+ Self.patience
        while true {
            do throws(FileError) {
                try SystemCall.lock(own, path: path)
                return lock
            } catch  where error.kind == .locked && clock.now() < end {
                try FileError.checkScope(path: path)
                clock.wait(20)
            }
        }
    }

    /// Makes a folder in this one, unless it exists, of mode 0755 less the umask, and waits until it is on the disk.
    public func make(_ name: String) throws(FileError) {
        do throws(FileError) {
            _ = try SystemCall.make(path: path(of: name)) { unsafe mkdirat(descriptor, name, 0o755) }
            let made = try directory(name)
            try SystemCall.giveToOwner(of: descriptor, made.descriptor, path: made.path)
            try synchronize()
        } catch  where error.kind == .exists {
        }
    }

    /// Removes a file from this folder; a missing one is not an error.
    public func remove(_ name: String) throws(FileError) {
        do throws(FileError) {
            _ = try SystemCall.make(path: path(of: name)) { unsafe unlinkat(descriptor, name, 0) }
        } catch  where error.kind == .notFound {
        }
    }

    /// Removes a file, unless it is another than the expected one by now.
    ///
    /// - Parameter check: a last check that the file is no longer needed; throws where it is.
    /// - Throws: `exists` where the file is another; what `check` throws. It is left as it is then.
    public func remove(
        _ name: String,
        expected: FileVersion,
        check: () throws(FileError) -> Void
    ) throws(FileError) {
        try Replacement(folder: descriptor, path: path).remove(name, expected: expected, check: check)
    }

    /// Waits until what was renamed or removed in this folder is on the disk.
    public func synchronize() throws(FileError) {
        try SystemCall.synchronizeFolder(descriptor, path: path)
    }

    /// The whole path of a name in this folder.
    public func path(of name: String) -> String {
        Paths.join(path, name)
    }

    /// Opens a name in this folder; the error distinguishes links from other kinds of files.
    private func openEntry(_ name: String, _ flags: Int32) throws(FileError) -> Int32 {
        do throws(FileError) {
            return try SystemCall.make(path: path(of: name)) {
                unsafe openat(descriptor, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | flags)
            }
        } catch  where error.kind == .wrongKind {
            // With O_DIRECTORY a link is reported as "not a directory".
            if try status(of: name)?.kind == .symbolicLink {
                throw FileError(.symbolicLink, path: path(of: name))
            }
            throw error
        }
    }
}

/// A lock on a folder, held for the life of this value, by this process and not by its forked children.
public struct DirectoryLock: ~Copyable {
    private let descriptor: Int32
    private let ticket: Int

    /// Takes over the descriptor that carries the lock.
    init(descriptor: Int32) {
        self.descriptor = descriptor
        ticket = chost_own_file_lock(descriptor)
    }

    deinit {
        // A forked child has closed its copy of the descriptor, and its number may be that of another file by now.
        guard ticket < 0 || chost_disown_file_lock(ticket) else { return }
        // Another process that shares the file description would keep the lock if it were only closed.
        _ = flock(descriptor, LOCK_UN)
        _ = close(descriptor)
    }
}
