import Documents
import KStackAny
import Sodium
import System

/// The entries of `.kstack.yaml`, all optional.
struct ProjectFile: Sendable {
    /// The name of the file.
    static let name = ".kstack.yaml"

    private static let keys = ["environment", "route", "team", "vault", "config"]

    /// The environment for calls that name none.
    let environment: Name?

    /// The team whose recipients files are written for.
    let team: Name?

    /// The folder of vaults, as an absolute path.
    let vault: String?

    /// The folder of environments' and providers' configuration, as an absolute path.
    let config: String?

    /// Where the file is.
    private let path: String

    /// The route as it is written.
    private let routeText: String?

    /// Reads the file, which lies in `folder`.
    ///
    /// - Throws: `configuration`, with the file, the line and what is allowed; `io`.
    init(_ file: borrowing OpenFile, folder: String) throws(KStackError) {
        path = file.path
        let root = try Document.read(file).root
        guard root.kind == .mapping || root.kind == .null else {
            throw KStackError(.configuration, "\(path) must be a mapping with the keys \(Self.keyList), all optional")
        }
        for position in 0..<root.count {
            guard let key = root.entry(at: position)?.key, !Self.keys.contains(key.string ?? "") else { continue }
            throw KStackError(
                .configuration,
                "\(path), line \(key.line): unknown key \(KStackError.quoted(key.string ?? "")); known keys: \(Self.keyList)"
            )
        }
        environment = try Self.name(root, "environment", path)
        routeText = try Self.text(root, "route", path)
        team = try Self.name(root, "team", path)
        vault = try Self.text(root, "vault", path).map { Paths.resolve($0, from: folder) }
        config = try Self.text(root, "config", path).map { Paths.resolve($0, from: folder) }
    }

    /// The active route; nil where the file names none.
    ///
    /// - Throws: `route` for an unknown one; calls that do not need the route do not fail for it.
    func route() throws(KStackError) -> Route? {
        guard let routeText else { return nil }
        return try Route(parsing: routeText, of: "\(path), route")
    }

    private static var keyList: String { keys.joined(separator: ", ") }

    /// The name under a key; nil where the key is absent or its value null.
    private static func name(_ root: DocumentNode, _ key: String, _ path: String) throws(KStackError) -> Name? {
        guard let text = try text(root, key, path) else { return nil }
        do throws(KStackError) {
            return try Name(text, kind: "\(key == "environment" ? "an" : "a") \(key)")
        } catch {
            throw KStackError(.configuration, "\(path), \(key): \(error.message)")
        }
    }

    /// The string under a key; nil where the key is absent or its value null.
    private static func text(_ root: DocumentNode, _ key: String, _ path: String) throws(KStackError) -> String? {
        guard let value = root[key], value.kind != .null else { return nil }
        guard value.kind == .scalar, let text = value.string, !text.isEmpty, !text.utf8.contains(0) else {
            throw KStackError(.configuration, "\(path), line \(value.line): \(key) must be a string that is not empty")
        }
        return text
    }
}

extension Document {
    /// Reads a YAML file.
    ///
    /// - Throws: `configuration` for a file that is too large or not valid YAML; `io`.
    static func read(_ file: borrowing OpenFile) throws(KStackError) -> Document {
        let content = try mapError(KStackError.file, file.readAll(limit: DocumentLimits.standard.bytes))
        return try parse(content.span, path: file.path)
    }

    /// Parses the text of a YAML file.
    ///
    /// - Throws: `configuration` for invalid YAML.
    static func parse(_ yaml: Span<UInt8>, path: String) throws(KStackError) -> Document {
        try mapError(KStackError.document(at: path), parse(yaml: yaml))
    }
}
