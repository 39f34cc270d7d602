import Glibc

/// The attributes of a file (`stat`).
public struct FileStatus: Equatable, Sendable {
    /// The kinds of files that are distinguished.
    public enum Kind: Sendable {
        case regular
        case directory
        case symbolicLink
        case pipe
        case other

        /// Converts the type of a folder's entry; nil if the file system does not record it.
        init?(entryType: UInt8) {
            switch Int(entryType) {
            case Int(DT_UNKNOWN): return nil
            case Int(DT_REG): self = .regular
            case Int(DT_DIR): self = .directory
            case Int(DT_LNK): self = .symbolicLink
            case Int(DT_FIFO): self = .pipe
            default: self = .other
            }
        }
    }

    /// The kind of file.
    public let kind: Kind

    /// The permission bits, setuid, setgid and sticky.
    public let mode: UInt32

    /// The user id of the owner.
    public let owner: UInt32

    /// The group id.
    public let group: UInt32

    /// The length in bytes.
    public let size: Int

    /// Distinguishes this version of the file from others without reading it.
    public let version: FileVersion

    /// Copies the result of `fstat`.
    init(_ status: stat) {
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .directory
            case S_IFLNK: .symbolicLink
            case S_IFIFO: .pipe
            default: .other
            }
        mode = status.st_mode & 0o7777
        owner = status.st_uid
        group = status.st_gid
        size = Int(status.st_size)
        version = FileVersion(
            device: status.st_dev,
            inode: status.st_ino,
            size: Int(status.st_size),
            modified: FileVersion.Time(status.st_mtim),
            changed: FileVersion.Time(status.st_ctim)
        )
    }
}

/// Distinguishes versions of a file without reading it: by inode, length and times.
public struct FileVersion: Hashable, Sendable {
    /// A point in time as the file system keeps it.
    struct Time: Hashable {
        let seconds: Int
        let nanoseconds: Int

        /// Copies a time from the result of `fstat`.
        init(_ time: timespec) {
            seconds = time.tv_sec
            nanoseconds = time.tv_nsec
        }
    }

    let device: UInt
    let inode: UInt
    let size: Int
    let modified: Time
    let changed: Time

    /// Whether both are the same file or folder, whatever its content is.
    public func isOfSameFile(as other: FileVersion) -> Bool {
        device == other.device && inode == other.inode
    }

    /// A mark of 16 characters for file names, which distinguishes a finished file from all others.
    var mark: String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        // FNV-1a: against accidents, not against an attacker, who can write to the folder anyway.
        for word in [
            UInt64(inode), UInt64(bitPattern: Int64(size)), UInt64(bitPattern: Int64(modified.seconds)),
            UInt64(bitPattern: Int64(modified.nanoseconds)),
        ] {
            for shift in stride(from: 0, to: 64, by: 8) {
                hash = (hash ^ (word >> UInt64(shift)) & 0xff) &* 0x100_0000_01b3
            }
        }
        return String(hash | 1 << 63, radix: 16)
    }

    /// Whether both are the same file with the same content; its names and its mode may have changed.
    public func hasSameContent(as other: FileVersion) -> Bool {
        isOfSameFile(as: other) && size == other.size && modified == other.modified
    }
}
