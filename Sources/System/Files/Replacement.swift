import CHost
import Glibc

/// Renames that never lose what somebody saves meanwhile.
///
/// A look followed by a rename or an unlink loses what an editor saves between the two. So a file is moved aside first,
/// looked at where nobody else reaches it by its name, and then given up or put back. The name that it has meanwhile
/// tells the next run what to do, should this one be killed (`Directory.recover`).
struct Replacement {
    /// The folder in which the names are.
    let folder: Int32

    /// Where that folder was found.
    let path: String

    /// Gives a file its name unless something has it.
    ///
    /// - Throws: `exists` where something has the name; it is left as it is.
    func create(_ name: String, as target: String) throws(FileError) {
        do throws(FileError) {
            _ = try call(target) { unsafe chost_rename_new(folder, name, target) }
        } catch  where Self.isUnsupported(error) {
            // Look, then rename: all that such a file system has.
            guard try version(of: target) == nil else { throw changed(target) }
            _ = try call(target) { unsafe renameat(folder, name, folder, target) }
        }
    }

    /// Puts a file in the place of another, which is removed.
    ///
    /// - Parameters:
    ///   - name: the new file, on the disk already. Nothing has this name afterwards, whatever happens.
    ///   - expected: what may be replaced.
    /// - Throws: `exists` where something else has the name by now; that stays, or is put back.
    func replace(_ target: String, by name: String, expected: FileVersion) throws(FileError) {
        guard let new = try version(of: name) else { throw FileError(.notFound, path: path(of: name)) }
        let aside = AsideName(target: target, mark: new.mark).text
        _ = try call(name) { unsafe renameat(folder, name, folder, aside) }
        do throws(FileError) {
            try exchange(aside, target)
        } catch {
            return try replaceAfterALook(target, by: aside, expected: expected, after: error)
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

    /// What is left to do where two names cannot be exchanged.
    private func replaceAfterALook(
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
    ///   - check: a last look at what makes the file superfluous, made while it is aside; throws where it is not.
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
                // A newer save has the name, and would have replaced this one had it stayed in its place.
                try unlink(aside)
            }
            throw error
        }
        try unlink(aside)
    }

    /// Puts a file back that was moved aside by an exchange, unless somebody saved a newer one, which then stays.
    ///
    /// - Parameter new: the file that has the name since the exchange. It, or a save that a newer one replaces, is removed.
    func putBack(_ aside: String, to target: String, since new: FileVersion) throws(FileError) {
        var placed = new
        while true {
            guard let held = try version(of: aside) else { return }
            do throws(FileError) {
                try exchange(aside, target)
            } catch  where error.kind == .notFound {
                // Somebody took away what had the name.
                _ = try call(target) { unsafe chost_rename_new(folder, aside, target) }
                return
            }
            // What had the name is aside now. Where it is not what was put there, somebody saved it since: it is the
            // newest, and the two change places again.
            guard let found = try version(of: aside), !found.isOfSameFile(as: placed) else { break }
            placed = held
        }
        try unlink(aside)
    }

    /// What has a name, links not followed; nil where nothing has it.
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

    /// Whether a file system has no such flags for a rename (renameat2(2)); some say so in the words of another error.
    private static func isUnsupported(_ error: FileError) -> Bool {
        error.code == EINVAL || error.code == ENOSYS || error.code == EOPNOTSUPP
    }

    private func exchange(_ one: String, _ other: String) throws(FileError) {
        _ = try call(other) { unsafe chost_exchange(folder, one, other) }
    }

    /// A rename changes the time of the inode, so that content alone is compared.
    private func isStill(_ expected: FileVersion, _ name: String) throws(FileError) -> Bool {
        try version(of: name)?.hasSameContent(as: expected) == true
    }

    private func changed(_ target: String) -> FileError {
        FileError(.exists, path: path(of: target))
    }

    private func path(of name: String) -> String {
        "\(path)/\(name)"
    }

    private func call(_ name: String, _ body: () -> Int32) throws(FileError) -> Int32 {
        try SystemCall.make(path: path(of: name), body)
    }
}
