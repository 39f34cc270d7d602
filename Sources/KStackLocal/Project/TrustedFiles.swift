import System

/// The files of a project that must be trusted, so that one error can name all that are not.
struct TrustedFiles {
    /// How many files are checked; an error does not need more.
    private static let limit = 2000
    private static let depthLimit = 4

    /// The nearest file or folder of each name, as found without `.kstack.yaml`.
    private let roots: [String]

    /// Takes the folders from that of the project upwards.
    init(above folders: [String]) {
        var roots: [String] = []
        let names = [ProjectFile.name, "vault", "environments", "providers", "config/environments", "config/providers"]
        for name in names {
            let found = folders.lazy.map { Paths.resolve(name, from: $0) }.first { path in
                (try? Paths.linkStatus(of: path)).flatMap { $0 } != nil
            }
            if let found { roots.append(found) }
        }
        self.roots = roots
    }

    /// Those that others may write, and the files and folders to change, with all that is in them.
    func writable(_ isWritable: (FileStatus) -> Bool) -> (paths: [String], roots: [String]) {
        var paths: [String] = []
        var roots: [String] = []
        var count = 0
        for root in self.roots {
            let before = paths.count
            if let status = (try? Paths.linkStatus(of: root)).flatMap({ $0 }), status.kind != .symbolicLink {
                if isWritable(status) { paths.append(root) }
                if status.kind == .directory, let folder = try? Directory.open(path: root) {
                    collect(from: folder, depth: 0, isWritable, &paths, &count)
                }
            }
            if paths.count > before { roots.append(root) }
        }
        return (paths, roots)
    }

    private func collect(
        from folder: borrowing Directory,
        depth: Int,
        _ isWritable: (FileStatus) -> Bool,
        _ paths: inout [String],
        _ count: inout Int
    ) {
        guard let names = try? folder.names() else { return }
        for name in names {
            count += 1
            guard count <= Self.limit, let status = (try? folder.status(of: name)).flatMap({ $0 }) else { return }
            guard status.kind == .regular || status.kind == .directory else { continue }
            if isWritable(status) { paths.append(folder.path(of: name)) }
            guard status.kind == .directory, depth < Self.depthLimit, let inner = try? folder.directory(name) else {
                continue
            }
            collect(from: inner, depth: depth + 1, isWritable, &paths, &count)
        }
    }
}
