public import Sodium

/// A file that a killed run left aside, while something else has its name by now.
public struct Leftover: Equatable, Sendable {
    /// The name that it has.
    public let name: String

    /// The name that it had.
    public let target: String
}

extension Directory {
    /// Undoes what a run that was killed left half done: what it moved aside comes back, what it had not finished goes.
    ///
    /// Nobody else may write such files meanwhile. What was put in place of a file moved aside is removed with the move:
    /// it was made of something that is still there.
    ///
    /// - Returns: the files that cannot come back, since something newer has their name. They stay.
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

    /// Gives a file that was moved aside its name again.
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
