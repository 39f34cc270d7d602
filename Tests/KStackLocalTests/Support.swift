import Age
import Foundation
import KStackAny
import Sodium
import Synchronization
import System
import TestSupport
import Testing

@testable import KStackLocal

/// A folder with a project in it: `.kstack.yaml` and `vault/` where a test puts them; removed at the end.
///
/// Modes are set whatever the umask is.
final class Sandbox: Sendable {
    /// The absolute path, without links in it.
    let path: String

    /// The variables that the project sees.
    let values = Mutex<[String: String]>([:])

    init() throws {
        let folder = try Paths.canonical(FileManager.default.temporaryDirectory.path)
        path = "\(folder)/kstack-tests-\(UUID().uuidString)"
        try self.folder("")
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of something in the folder.
    func path(_ name: String) -> String { name.isEmpty ? path : "\(path)/\(name)" }

    /// Makes a folder, with those above it.
    func folder(_ name: String, mode: mode_t = 0o700) throws {
        var whole = path
        for part in [""] + name.split(separator: "/").map(String.init) {
            if !part.isEmpty { whole += "/\(part)" }
            guard mkdir(whole, 0o700) == 0 || errno == EEXIST else { throw FileError(code: errno, path: whole) }
        }
        try self.mode(name, mode)
    }

    /// Makes a file, with the folders above it.
    func file(_ name: String, _ content: String, mode: mode_t = 0o600) throws {
        try file(name, Array(content.utf8), mode: mode)
    }

    /// Makes a file of bytes, with the folders above it.
    func file(_ name: String, _ content: [UInt8], mode: mode_t = 0o600) throws {
        try folder(name.split(separator: "/").dropLast().joined(separator: "/"))
        try Data(content).write(to: URL(fileURLWithPath: path(name)))
        try self.mode(name, mode)
    }

    /// Makes a symbolic link.
    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: path(name), withDestinationPath: target)
    }

    /// Moves something, and replaces it with a link.
    func replaceWithLink(_ name: String) throws {
        try FileManager.default.moveItem(atPath: path(name), toPath: path("moved"))
        try link(name, to: path("moved"))
    }

    /// Sets the permission bits of something.
    func mode(_ name: String, _ mode: mode_t) throws {
        guard chmod(path(name), mode) == 0 else { throw FileError(code: errno, path: path(name)) }
    }

    /// The permission bits of something; nil where it does not exist.
    func mode(_ name: String) -> mode_t? {
        var status = stat()
        return lstat(path(name), &status) == 0 ? status.st_mode & 0o7777 : nil
    }

    /// The content of a file; nil where there is none.
    func text(_ name: String) -> String? {
        try? String(contentsOfFile: path(name), encoding: .utf8)
    }

    /// Removes something.
    func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: path(name))
    }

    /// What is in a folder.
    func names(_ name: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path(name)).sorted()
    }

    /// Sets or unsets a variable.
    func set(_ name: String, _ value: String?) {
        values.withLock { $0[name] = value }
    }

    /// The variables, with the contract of those of the process: an empty one is unset.
    func variables(user: UInt32 = geteuid()) -> Variables {
        @Sendable func value(_ name: String) -> String? {
            values.withLock { $0[name] }.flatMap { $0.isEmpty ? nil : $0 }
        }
        return Variables(
            user: user,
            text: value,
            secret: { (name) throws(SodiumError) in
                guard let text = value(name) else { return nil }
                return try SecretBytes(copying: Array(text.utf8).span)
            }
        )
    }

    /// The identities that the variables name.
    func identities(file: String? = nil, passphrase: String? = nil, log: Log = Log()) throws -> IdentityStore {
        IdentityStore(
            file: file,
            passphrase: try passphrase.map { try Passphrase(Array($0.utf8).span) },
            variables: variables(),
            log: log
        )
    }

    /// The project whose root is this folder, or one in it.
    func project(_ folder: String = "", user: UInt32 = geteuid()) throws -> Project {
        try Project(root: path(folder), user: user)
    }

    /// The vault of an environment.
    func vault(_ environment: String = "dev") throws -> Vault {
        try Vault(
            project: project(),
            identities: identities(),
            environment: Name(environment, kind: "an environment"),
            log: Log()
        )
    }

    /// Look-ups of credentials.
    func provider() throws -> LocalSecretsProvider {
        try LocalSecretsProvider(project: project(), identities: identities(), log: Log())
    }
}

/// The error of a call, or nil if it succeeds.
///
/// No error may hold the canary.
func failure(_ body: () throws -> Void) -> KStackError? {
    let found = caught(KStackError.self, body)
    if let found {
        #expect(!found.message.contains(canary), "\(found.message)")
        #expect(!found.message.contains("\n"))
    }
    return found
}

extension Credentials {
    /// All names and values in their order.
    var pairs: [String] {
        (0..<count).map { "\(text(name(at: $0)) ?? "?")=\(text(value(at: $0)) ?? "?")" }
    }

    /// The string in a range.
    func text(_ place: Range<Int>?) -> String? {
        place.map { place in arena.withUnsafeBytes { String(decoding: $0[place], as: UTF8.self) } }
    }
}

extension FallibleArray: ExpressibleByArrayLiteral {
    /// Tests never run out of memory.
    public init(arrayLiteral elements: Element...) {
        self = (try? FallibleArray(elements)) ?? FallibleArray()
    }
}
