import CHost
import Glibc
import Sodium

/// A new file next to its target: written, synchronised, then renamed atomically, or removed at the end.
public struct TemporaryFile: ~Copyable {
    /// The prefix of the names of these files; a killed run leaves some, and the next one removes them.
    public static let prefix = ".kstack-tmp-"

    private let directory: Int32
    private let directoryPath: String
    private let descriptor: Int32
    private let name: String
    private var isInPlace = false

    /// How many bytes were written, and for how many of them write-back was started already.
    private var size = 0
    private var sent = 0

    /// After how many bytes write-back is started, so that `synchronize` has little left to wait for.
    private static let portion = 8 << 20

    private init(directory: Int32, directoryPath: String, descriptor: Int32, name: String) {
        self.directory = directory
        self.directoryPath = directoryPath
        self.descriptor = descriptor
        self.name = name
    }

    /// Makes an empty file of mode 0600 in a folder, whatever the umask.
    public static func make(in folder: borrowing Directory) throws(FileError) -> TemporaryFile {
        let random = try mapError(FileError.memory(at: folder.path), Random.bytes(count: 8))
        let name = prefix + random.map { String($0, radix: 16) }.joined()
        let path = folder.path(of: name)
        // The folder may be closed before this value ends.
        let parent = folder.descriptor
        let directory = try SystemCall.make(path: folder.path) { fcntl(parent, F_DUPFD_CLOEXEC, 0) }
        let descriptor: Int32
        do throws(FileError) {
            descriptor = try SystemCall.make(path: path) {
                unsafe openat(directory, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
            }
        } catch {
            _ = close(directory)
            throw error
        }
        let file = TemporaryFile(
            directory: directory,
            directoryPath: folder.path,
            descriptor: descriptor,
            name: name
        )
        try SystemCall.giveToOwner(of: directory, descriptor, path: path)
        try file.setMode(0o600)
        return file
    }

    deinit {
        if !isInPlace { _ = unsafe unlinkat(directory, name, 0) }
        _ = close(descriptor)
        _ = close(directory)
    }

    /// Adds bytes at the end.
    public mutating func write(_ bytes: Span<UInt8>) throws(FileError) {
        var written = 0
        while written < bytes.count {
            let rest = bytes.extracting(droppingFirst: written)
            written += try unsafe rest.withUnsafeBytes { (bytes) throws(FileError) -> Int in
                try SystemCall.make(path: path(of: name)) {
                    unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
                }
            }
        }
        size += written
        if size - sent >= Self.portion {
            // A failure does not matter here: `synchronize` waits for all of it.
            chost_start_writing(descriptor, sent, size - sent)
            sent = size
        }
    }

    /// Where the file ends now; valid while the file is.
    public var end: End {
        End(descriptor: descriptor, path: path(of: name), start: size)
    }

    /// A place in a file, for reading on any thread what is written from there on.
    public struct End: Sendable {
        fileprivate let descriptor: Int32
        fileprivate let path: String
        fileprivate let start: Int

        /// Reads from `offset` bytes after this place.
        ///
        /// - Returns: how many bytes; fewer than there is room for where the file ends.
        public func read(into bytes: inout MutableSpan<UInt8>, at offset: Int) throws(FileError) -> Int {
            var count = 0
            while count < bytes.count {
                var rest = bytes._mutatingExtracting(droppingFirst: count)
                let more = try unsafe rest.withUnsafeMutableBytes { (bytes) throws(FileError) -> Int in
                    try SystemCall.make(path: path) {
                        unsafe pread(descriptor, bytes.baseAddress, bytes.count, start + offset + count)
                    }
                }
                if more == 0 { break }
                count += more
            }
            return count
        }
    }

    /// Opens the file for reading, to see what was written.
    public func reopen() throws(FileError) -> OpenFile {
        let path = path(of: name)
        let descriptor = try SystemCall.make(path: path) {
            unsafe openat(directory, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        }
        return try OpenFile(descriptor: descriptor, path: path)
    }

    /// Waits until the content is on the disk; call it before the file gets its name.
    public func synchronize() throws(FileError) {
        _ = try SystemCall.make(path: path(of: name)) { fsync(descriptor) }
    }

    /// Changes who may do what with the file.
    public func setMode(_ mode: UInt32) throws(FileError) {
        _ = try SystemCall.make(path: path(of: name)) { fchmod(descriptor, mode) }
    }

    /// Renames the file over whatever has the name: for a file that nobody else writes.
    public mutating func replace(_ target: String) throws(FileError) {
        _ = try SystemCall.make(path: path(of: target)) { unsafe renameat(directory, name, directory, target) }
        isInPlace = true
    }

    /// Gives the file, which must be on the disk, its name.
    ///
    /// - Parameter expected: what it may replace; nil where nothing may have the name.
    /// - Throws: `exists` where something else has the name by now; that is left as it is.
    public mutating func place(as target: String, replacing expected: FileVersion?) throws(FileError) {
        let replacement = Replacement(folder: directory, path: directoryPath)
        if let expected {
            try replacement.replace(target, by: name, expected: expected)
        } else {
            try replacement.create(name, as: target)
        }
        isInPlace = true
    }

    private func path(of name: String) -> String {
        Paths.join(directoryPath, name)
    }
}
