import CHost
import Glibc

/// Functions on whole paths.
public enum Paths {
    /// The absolute path of something that exists, without links in it; a relative one starts at the working directory.
    public static func canonical(_ path: String) throws(FileError) -> String {
        guard let resolved = unsafe realpath(path, nil) else { throw FileError(code: errno, path: path) }
        defer { unsafe free(resolved) }
        guard let text = unsafe String(validatingCString: resolved) else { throw FileError(code: EILSEQ, path: path) }
        return text
    }

    /// A folder and all folders above it, nearest first.
    public static func ancestors(of path: String) -> [String] {
        var folder = "/"
        var result = [folder]
        for part in path.utf8.split(separator: UInt8(ascii: "/")) {
            folder = join(folder, String(part) ?? "")
            result.append(folder)
        }
        result.reverse()
        return result
    }

    /// Whether a path starts at the root, even where a combining mark follows the slash.
    public static func isAbsolute(_ path: String) -> Bool {
        path.utf8.first == UInt8(ascii: "/")
    }

    /// `path` relative to the folder `base`, unless it is absolute.
    public static func resolve(_ path: String, from base: String) -> String {
        isAbsolute(path) ? path : join(base, path)
    }

    /// The path of a name in a folder.
    static func join(_ folder: String, _ name: String) -> String {
        folder.utf8.last == UInt8(ascii: "/") ? folder + name : "\(folder)/\(name)"
    }

    /// The status of a path, links followed; nil where it does not exist.
    ///
    /// - Throws: also for a dangling link, which exists itself.
    public static func status(of path: String) throws(FileError) -> FileStatus? {
        guard let status = try linkStatus(of: path) else { return nil }
        guard status.kind == .symbolicLink else { return status }
        var target = stat()
        _ = try SystemCall.make(path: path) { unsafe stat(path, &target) }
        return FileStatus(target)
    }

    /// The version of the file at a path, links followed; nil where there is none, or it cannot be told.
    public static func version(of path: String) -> FileVersion? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        return FileStatus(status).version
    }

    /// The name of a file system that keeps no modes, such as one of Windows or a shared folder; nil for others.
    ///
    /// `chmod` has no effect there: owner and mode are those of the mount.
    public static func fileSystemWithoutModes(at path: String) -> String? {
        switch unsafe chost_file_system(path) {
        case 0x0102_1997: "9p"
        case 0xFF53_4D42, 0xFE53_4D42: "CIFS"
        case 0x4D44: "FAT"
        case 0x2011_BAB0: "exFAT"
        case 0x5346_544E, 0x7366_746E: "NTFS"
        case 0x6573_5546: "FUSE"
        case 0x786F_4256: "vboxsf"
        default: nil
        }
    }

    /// The status of a path, links not followed; nil where it does not exist.
    public static func linkStatus(of path: String) throws(FileError) -> FileStatus? {
        var status = stat()
        do throws(FileError) {
            _ = try SystemCall.make(path: path) { unsafe lstat(path, &status) }
        } catch {
            if error.isMissing { return nil }
            throw error
        }
        return FileStatus(status)
    }
}
