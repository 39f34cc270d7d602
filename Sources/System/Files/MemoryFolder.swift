import CHost
import Glibc

/// A private folder in memory-backed storage, for what must not reach a disk; removed with its content at the end.
public struct MemoryFolder: ~Copyable {
    private static let prefix = "kstack-edit-"

    /// Its absolute path.
    public let path: String

    private var isKept = false

    /// Holds a lock on the folder, which shows that it is in use, also across process namespaces.
    private let descriptor: Int32

    private init(_ path: String) {
        self.path = path
        descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        try? SystemCall.lock(descriptor, path: path)
    }

    /// Makes a folder, and removes those that killed runs of this user left.
    ///
    /// - Throws: `wrongKind` where no memory-backed storage is found.
    public static func make() throws(FileError) -> MemoryFolder {
        guard let base = bases.first else { throw FileError(.wrongKind, path: "XDG_RUNTIME_DIR, /dev/shm") }
        removeLeftovers()
        var template = Array("\(base)/\(prefix)\(geteuid())-\(getpid())-XXXXXX".utf8CString)
        let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.baseAddress.flatMap { unsafe mkdtemp($0) }.map { unsafe String(cString: $0) }
        }
        guard let made else { throw FileError(code: errno, path: base) }
        return MemoryFolder(made)
    }

    deinit {
        if !isKept { Self.remove(path) }
        if descriptor >= 0 { _ = close(descriptor) }
    }

    private static func isInMemory(_ path: String) -> Bool {
        [0x0102_1994, 0x8584_58F6].contains(unsafe chost_file_system(path))
    }

    /// Removes the folders of runs that have ended.
    private static func removeLeftovers(in base: String) {
        guard let folder = try? Directory.open(path: base), let names = try? folder.names() else { return }
        let own = "\(prefix)\(geteuid())-"
        for name in names where name.hasPrefix(own) {
            let process = name.dropFirst(own.count).prefix { $0 != "-" }
            guard let number = Int32(process), kill(number, 0) == -1, errno == ESRCH else { continue }
            let path = "\(base)/\(name)"
            let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
            guard descriptor >= 0 else { continue }
            if (try? SystemCall.lock(descriptor, path: path)) != nil { remove(path) }
            _ = close(descriptor)
        }
    }

    /// Keeps its content where no other run removes it, since the user has no other copy.
    ///
    /// - Returns: the new path.
    public mutating func keep() -> String {
        isKept = true
        let name = path.split(separator: "/").last ?? ""
        let kept = "\(path.dropLast(name.count))kstack-kept-\(name.dropFirst(Self.prefix.count))"
        return unsafe rename(path, kept) == 0 ? kept : path
    }

    /// Removes a folder and all that is in it; links are not followed.
    private static func remove(_ path: String) {
        if let folder = try? Directory.open(path: path), let names = try? folder.names() {
            for name in names where unsafe unlink("\(path)/\(name)") != 0 && errno == EISDIR {
                remove("\(path)/\(name)")
            }
        }
        _ = unsafe rmdir(path)
    }

    /// Removes what killed runs of this user left.
    public static func removeLeftovers() {
        for base in bases { removeLeftovers(in: base) }
    }

    /// The memory-backed folders that exist.
    private static var bases: [String] {
        let candidates = [ProcessEnvironment.value(of: "XDG_RUNTIME_DIR"), "/dev/shm", "/run/shm"].compactMap { $0 }
        // tmpfs and ramfs by the numbers of statfs(2).
        return candidates.filter { unsafe isInMemory($0) && access($0, W_OK) == 0 }
    }
}
