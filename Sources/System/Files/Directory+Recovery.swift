public import Sodium

/// A file that a killed run moved aside, and whose name something else has by now.
public struct Leftover: Equatable, Sendable {
    /// Its present name.
    public let name: String

    /// Its original name.
    public let target: String
}

extension Directory {
    /// Cleans up after a killed run: restores files that it moved aside, and removes new files that it did not finish.
    ///
    /// Nobody else may write such files meanwhile. A new file in place of one that was moved aside is removed with the
    /// move: what it was made from still exists.
    ///
    /// - Returns: the files that cannot be restored, since something newer has their name. They stay.
    public func recover() throws(FileError) -> FallibleArray<Leftover> {
        var leftovers = FallibleArray<Leftover>()
        for name in try names() where name.utf8.starts(with: TemporaryFile.prefix.utf8) {
            guard let status = try status(of: name), status.kind != .directory else { continue }
            guard let aside = AsideName(parsing: name), status.version.mark != aside.mark else {
                try remove(name)
                continue
            }
            let isBack = try comesBack(aside)
            if isBack { continue }
            let leftover = Leftover(name: name, target: aside.target)
            try mapError(FileError.memory(at: path), leftovers.append(leftover))
        }
        return leftovers
    }

    /// Restores a file that was moved aside.
    ///
    /// - Returns: false where something newer has the name.
    private func comesBack(_ aside: AsideName) throws(FileError) -> Bool {
        let replacement = Replacement(folder: descriptor, path: path)
        guard let found = try replacement.version(of: aside.target) else {
            do throws(FileError) {
                try replacement.create(aside.text, as: aside.target)
                return true
            } catch  where error.kind == .exists {
                return false
            }
        }
        guard found.mark == aside.mark else { return false }
        try replacement.putBack(aside.text, to: aside.target, since: found)
        return true
    }
}
