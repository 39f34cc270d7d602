import CHost
import Glibc
public import Sodium

/// An open regular file; closed at the end.
public struct OpenFile: ~Copyable {
    let descriptor: Int32

    /// The path that it was opened by.
    public let path: String

    /// Its status when it was opened.
    public let status: FileStatus

    /// Takes ownership of a descriptor, and refuses what is not a regular file.
    init(descriptor: Int32, path: String) throws(FileError) {
        status = try SystemCall.status(of: descriptor, path: path, .regular)
        self.descriptor = descriptor
        self.path = path
    }

    deinit {
        _ = close(descriptor)
    }

    /// Opens a file by its whole path, following links, as for a file that the user named.
    public static func open(path: String) throws(FileError) -> OpenFile {
        let descriptor = try SystemCall.make(path: path) {
            unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        }
        return try OpenFile(descriptor: descriptor, path: path)
    }

    /// Reads up to `buffer.count` bytes into the start of `buffer`.
    ///
    /// - Returns: how many; 0 at the end of the file.
    public func read(into buffer: inout MutableSpan<UInt8>) throws(FileError) -> Int {
        let descriptor = descriptor
        return try unsafe buffer.withUnsafeMutableBytes { (bytes) throws(FileError) -> Int in
            try SystemCall.make(path: path) { unsafe Glibc.read(descriptor, bytes.baseAddress, bytes.count) }
        }
    }

    /// Reads up to `count` bytes into the start of `buffer`, which must have room for them.
    ///
    /// - Returns: how many; 0 at the end of the file.
    public func read(into buffer: inout SecretBytes, count: Int) throws(FileError) -> Int {
        try unsafe buffer.withUnsafeMutableBytes { (bytes) throws(FileError) -> Int in
            try SystemCall.make(path: path) {
                unsafe Glibc.read(descriptor, bytes.baseAddress, min(count, bytes.count))
            }
        }
    }

    /// Drops what was read from the system's cache; what is not on the disk yet stays.
    public func dropFromCache(from offset: Int, count: Int) {
        _ = posix_fadvise(descriptor, offset, count, POSIX_FADV_DONTNEED)
    }

    /// Whether any later change of the content shows in the version: the file has rested for a minute, on a file system
    /// whose clock is this machine's.
    ///
    /// Else a change may not. `write` sets the times when it begins, and may take long; a page that was stored to through
    /// `mmap` takes more stores until it was written to the disk, half a minute later; and a clock has ticks.
    public var hasRested: Bool {
        guard Self.localFileSystems.contains(chost_file_system_of(descriptor)) else { return false }
        let last = max(status.version.changed.seconds, status.version.modified.seconds)
        return WallClock.seconds - last >= 60
    }

    /// The types of ext4, XFS, Btrfs, F2FS and ZFS; not of tmpfs, where stores through `mmap` never change the times.
    private static let localFileSystems: Set<UInt> = [0xef53, 0x5846_5342, 0x9123_683e, 0xf2f5_2010, 0x2fc1_2fc1]

    /// Goes back to the first byte.
    public func rewind() throws(FileError) {
        _ = try SystemCall.make(path: path) { lseek(descriptor, 0, SEEK_SET) }
    }

    /// Waits until the content is on the disk, whoever wrote it.
    public func synchronize() throws(FileError) {
        _ = try SystemCall.make(path: path) { fsync(descriptor) }
    }

    /// Reads the file up to the length that it had when it was opened.
    ///
    /// - Throws: `tooLarge` for more than `limit` bytes.
    public func readAll(limit: Int) throws(FileError) -> SecretBytes {
        guard status.size <= limit else { throw FileError(.tooLarge, path: path) }
        var content = try mapError(FileError.memory(at: path), SecretBytes(count: max(status.size, 0)))
        var length = 0
        while length < content.count {
            let count = try unsafe content.withUnsafeMutableBytes { (bytes) throws(FileError) -> Int in
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[length...])
                return try SystemCall.make(path: path) { unsafe Glibc.read(descriptor, rest.baseAddress, rest.count) }
            }
            if count == 0 { break }
            length += count
        }
        content.truncate(to: length)
        return content
    }
}
