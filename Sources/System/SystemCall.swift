import Glibc

/// The convention of system calls: -1 is an error, EINTR calls again, errno is read at once.
enum SystemCall {
    /// Repeats a call while it is interrupted, and throws the error in `errno`.
    static func make<Number: FixedWidthInteger>(
        path: @autoclosure () -> String,
        _ body: () -> Number
    ) throws(FileError) -> Number {
        while true {
            let result = body()
            if result != -1 { return result }
            let code = errno
            if code != EINTR { throw FileError(code: code, path: path()) }
        }
    }

    /// The status of a file that was just opened; closes it where this fails, since nobody owns its descriptor yet.
    ///
    /// - Throws: `wrongKind` for another kind of file.
    static func status(of descriptor: Int32, path: String, _ kind: FileStatus.Kind) throws(FileError) -> FileStatus {
        do throws(FileError) {
            var status = stat()
            _ = try make(path: path) { unsafe fstat(descriptor, &status) }
            let found = FileStatus(status)
            guard found.kind == kind else { throw FileError(.wrongKind, path: path) }
            return found
        } catch {
            _ = close(descriptor)
            throw error
        }
    }

    /// Takes the exclusive lock on an open file, without waiting for it.
    ///
    /// - Throws: `locked` where somebody else holds it.
    static func lock(_ descriptor: Int32, path: String) throws(FileError) {
        _ = try make(path: path) { flock(descriptor, LOCK_EX | LOCK_NB) }
    }

    /// Waits until the names in a folder are on the disk.
    ///
    /// Some file systems cannot do that for folders (CIFS, shared folders of virtual machines), and return EINVAL or
    /// ENOTSUP: there a rename is as durable as it gets.
    static func synchronizeFolder(_ descriptor: Int32, path: String) throws(FileError) {
        do throws(FileError) {
            _ = try make(path: path) { fsync(descriptor) }
        } catch  where error.code == EINVAL || error.code == ENOTSUP {
        }
    }

    /// Gives a file that root made to the owner and group of its folder, who would be locked out of it.
    static func giveToOwner(of folder: Int32, _ descriptor: Int32, path: String) throws(FileError) {
        guard geteuid() == 0 else { return }
        var status = stat()
        _ = try make(path: path) { unsafe fstat(folder, &status) }
        if status.st_uid != 0 { _ = try make(path: path) { fchown(descriptor, status.st_uid, status.st_gid) } }
    }
}
