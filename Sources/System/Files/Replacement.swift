import CHost
import Glibc

/// Renames that never lose what somebody saves meanwhile.
///
/// A check followed by a rename or an unlink loses what an editor saves between the two. So a file is moved aside
/// first, checked where nobody else reaches it by its name, and then removed or put back. Its name meanwhile tells the
/// next run what to do, should this one be killed (`Directory.recover`).
struct Replacement {
    /// The descriptor of the folder.
    let folder: Int32

    /// The path of that folder.
    let path: String

    /// Gives a file its name unless something has it.
    ///
    /// - Throws: `exists` where something has the name; it is left as it is.
    func create(_ name: String, as target: String) throws(FileError) {
        do throws(FileError) {
            _ = try call(target) { unsafe chost_rename_new(folder, name, target) }
        } catch  where Self.isUnsupported(error) {
            // Check, then rename: such a file system has nothing better.
            guard try version(of: target) == nil else { throw changed(target) }
            _ = try call(target) { unsafe renameat(folder, name, folder, target) }
        }
    }

    /// Replaces a file with another.
    ///
    /// - Parameters:
    ///   - name: the new file, which must be on the disk. Nothing has this name afterwards, whatever happens.
    ///   - expected: what may be replaced.
    /// - Throws: `exists` where something else has the name by now; that stays, or is put back.
    func replace(_ target: String, by name: String, expected: FileVersion) throws(FileError) {
        guard let new = try version(of: name) else { throw FileError(code: ENOENT, path: path(of: name)) }
        let aside = AsideName(target: target, mark: new.mark).text
        _ = try call(name) { unsafe renameat(folder, name, folder, aside) }
        do throws(FileError) {
            try exchange(aside, target)
        } catch {
            return try replaceNonAtomically(target, by: aside, expected: expected, after: error)
        }
        do throws(FileError) {
            guard try isStill(expected, aside) else { throw changed(target) }
            // Whoever has the old file open may have written into it since.
            guard try isStill(expected, aside) else { throw changed(target) }
        } catch {
            try putBack(aside, to: target, since: new)
            throw error
        }
        try unlink(aside)
    }

    /// Replaces a file where two names cannot be exchanged.
    private func replaceNonAtomically(
        _ target: String,
        by aside: String,
        expected: FileVersion,
        after failure: FileError
    ) throws(FileError) {
        do throws(FileError) {
            if failure.kind == .notFound { throw changed(target) }
            guard Self.isUnsupported(failure) else { throw failure }
            guard try isStill(expected, target) else { throw changed(target) }
            _ = try call(target) { unsafe renameat(folder, aside, folder, target) }
        } catch {
            try unlink(aside)
            throw error
        }
    }

    /// Removes a file.
    ///
    /// - Parameters:
    ///   - expected: what may be removed.
    ///   - check: a last check that the file is no longer needed, while it is aside; throws where it is.
    /// - Throws: `exists` where something else has the name by now, and what `check` throws; the file stays, or is put
    ///   back.
    func remove(_ target: String, expected: FileVersion, check: () throws(FileError) -> Void) throws(FileError) {
        let aside = AsideName(target: target, mark: nil).text
        do throws(FileError) {
            _ = try call(target) { unsafe chost_rename_new(folder, target, aside) }
        } catch {
            // Somebody removed it already.
            if error.kind == .notFound { return }
            guard Self.isUnsupported(error) else { throw error }
            guard let found = try version(of: target) else { return }
            guard found.hasSameContent(as: expected) else { throw changed(target) }
            try check()
            return try unlink(target)
        }
        do throws(FileError) {
            guard try isStill(expected, aside) else { throw changed(target) }
            try check()
            // Whoever has the file open may have written into it since.
            guard try isStill(expected, aside) else { throw changed(target) }
        } catch {
            do throws(FileError) {
                _ = try call(target) { unsafe chost_rename_new(folder, aside, target) }
            } catch  where error.kind == .exists {
                // A newer save has the name, and would have replaced this file had it stayed in place.
                try unlink(aside)
            }
            throw error
        }
        try unlink(aside)
    }

    /// Puts a file back that was moved aside by an exchange, unless somebody saved a newer one, which then stays.
    ///
    /// - Parameter new: the file that has the name since the exchange. It, or a save that a newer one replaces, is
    ///   removed.
    func putBack(_ aside: String, to target: String, since new: FileVersion) throws(FileError) {
        var placed = new
        while true {
            guard let held = try version(of: aside) else { return }
            do throws(FileError) {
                try exchange(aside, target)
            } catch  where error.kind == .notFound {
                // Somebody removed the file that had the name.
                _ = try call(target) { unsafe chost_rename_new(folder, aside, target) }
                return
            }
            // The file that had the name is aside now. If it is not the one that was placed there, somebody saved it
            // since: it is the newest, and the two are exchanged again.
            guard let found = try version(of: aside), !found.isOfSameFile(as: placed) else { break }
            placed = held
        }
        try unlink(aside)
    }

    /// The version of the file with a name, links not followed; nil where there is none.
    func version(of name: String) throws(FileError) -> FileVersion? {
        var status = stat()
        do throws(FileError) {
            _ = try call(name) { unsafe fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) }
        } catch  where error.kind == .notFound {
            return nil
        }
        return FileStatus(status).version
    }

    /// Removes a name.
    func unlink(_ name: String) throws(FileError) {
        do throws(FileError) {
            _ = try call(name) { unsafe unlinkat(folder, name, 0) }
        } catch  where error.kind == .notFound {
        }
    }

    /// Whether a file system lacks the flags of renameat2(2); some report another error for that.
    private static func isUnsupported(_ error: FileError) -> Bool {
        error.code == EINVAL || error.code == ENOSYS || error.code == EOPNOTSUPP
    }

    private func exchange(_ one: String, _ other: String) throws(FileError) {
        _ = try call(other) { unsafe chost_exchange(folder, one, other) }
    }

    /// Compares only the content, since a rename changes the time of the inode.
    private func isStill(_ expected: FileVersion, _ name: String) throws(FileError) -> Bool {
        try version(of: name)?.hasSameContent(as: expected) == true
    }

    private func changed(_ target: String) -> FileError {
        FileError(.exists, path: path(of: target))
    }

    private func path(of name: String) -> String {
        Paths.join(path, name)
    }

    private func call(_ name: String, _ body: () -> Int32) throws(FileError) -> Int32 {
        try SystemCall.make(path: path(of: name), body)
    }
}
