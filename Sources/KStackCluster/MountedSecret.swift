import Documents
import KStackAny
import Sodium
import System

/// A Secret that kubelet mounted as files: each name a key, each content its value.
struct MountedSecret {
    /// Why the files could not be read.
    private enum Failure: Error {
        case files(FileError)
        case other(KStackError)

        /// Another state of the folder was published meanwhile.
        case outdated

        /// There was no memory for the values.
        static func memory(_ error: DocumentError) -> Failure {
            .other(KStackError(.internal, "the mounted Secret could not be kept: \(error.description)"))
        }
    }

    /// How often the folder is read before giving up; kubelet publishes once a minute at most.
    private static let mostAttempts = 100

    /// More than a Secret can hold.
    private static let largestSize = 4 << 20

    /// The folder of the mount.
    let path: String

    /// The credentials; nil where nothing is mounted.
    ///
    /// - Throws: `serviceNotFound` for a folder without files, `io`.
    func credentials() throws(KStackError) -> Credentials? {
        // A rotation may remove files while they are read.
        for _ in 0..<MountedSecret.mostAttempts {
            do throws(Failure) {
                guard try mapError(Failure.files, Paths.status(of: path)) != nil else { return nil }
                let document = try snapshot()
                guard document.root.count > 0 else {
                    throw .other(
                        KStackError(
                            .serviceNotFound,
                            "the folder \(path) is mounted and has no files: check the Secret that it is made from"
                        )
                    )
                }
                return try mapError(Failure.other, Credentials(mapping: document.root, source: path))
            } catch {
                switch error {
                case .outdated: continue
                case .files(let error) where error.kind == .notFound: continue
                case .files(let error):
                    let advice =
                        error.isDenied
                        ? "; see defaultMode of the volume, and fsGroup or runAsUser in the pod's securityContext" : ""
                    throw .io(error, "the mounted Secret cannot be read: \(KStackError.text(of: error))\(advice)")
                case .other(let error): throw error
                }
            }
        }
        throw KStackError(
            .io,
            "the mounted Secret \(path) changes while it is read; find out what keeps changing it",
            isRetryable: true
        )
    }

    /// Reads all files of one state of the folder.
    ///
    /// - Throws: `outdated` where files of another state may be among them.
    private func snapshot() throws(Failure) -> Document {
        // kubelet replaces this link atomically.
        let data = "\(path)/..data"
        let isPublished = try mapError(Failure.files, Paths.status(of: data) != nil)
        let folder = try mapError(Failure.files, Directory.open(path: isPublished ? data : path))
        let names = try mapError(Failure.files, folder.names())
        var mapping = try mapError(Failure.memory, MappingBuilder())
        var room = MountedSecret.largestSize
        for name in names where !name.hasPrefix("..") {
            guard try isFile(name, in: folder, isPublished) else { continue }
            let content = try read(name, in: folder, isPublished, limit: room)
            room -= content.count
            try mapError(Failure.memory, mapping.append(name.utf8.span, text: content.span))
        }
        // kubelet removes an old state file by file, but only after it replaced the link: while the link is the same,
        // no file was missing. The open folder keeps its inode, so no later folder can be taken for it.
        let present = try mapError(Failure.files, Paths.status(of: data))
        let isPresent = present.map { folder.status.version.isOfSameFile(as: $0.version) } ?? !isPublished
        guard isPresent else { throw .outdated }
        // A closure cannot consume what it captures.
        do throws(DocumentError) {
            return try mapping.finish()
        } catch {
            throw Failure.memory(error)
        }
    }

    /// Whether a name is that of a file; in a folder that is not published as a whole, also by way of a link.
    private func isFile(_ name: String, in folder: borrowing Directory, _ isPublished: Bool) throws(Failure) -> Bool {
        let status = try mapError(Failure.files) { () throws(FileError) in
            isPublished ? try folder.status(of: name) : try Paths.status(of: folder.path(of: name))
        }
        // A published state is only removed as a whole.
        guard let status else {
            if isPublished { throw .outdated }
            return false
        }
        guard status.kind != .directory else {
            throw .other(
                KStackError(
                    .configuration,
                    "\(path)/\(KStackError.printable(name)) is a folder, but only files can be values; check items and "
                        + "mountPath of the volume"
                )
            )
        }
        return status.kind == .regular
    }

    private func read(
        _ name: String,
        in folder: borrowing Directory,
        _ isPublished: Bool,
        limit: Int
    ) throws(Failure) -> SecretBytes {
        try mapError(Failure.files) { () throws(FileError) in
            if isPublished { return try folder.file(name).readAll(limit: limit) }
            return try OpenFile.open(path: folder.path(of: name)).readAll(limit: limit)
        }
    }
}
