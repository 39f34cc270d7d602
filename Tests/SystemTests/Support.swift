import Foundation
import Sodium
import System
import TestSupport
import Testing

/// A new folder, which is removed at the end.
final class Scratch: Sendable {
    /// The absolute path, without links in it.
    let path: String

    init() throws {
        let template = FileManager.default.temporaryDirectory.path + "/files-tests-XXXXXX"
        var bytes = Array(template.utf8CString)
        guard mkdtemp(&bytes) != nil else { throw FileError(code: errno, path: template) }
        let made = bytes.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? template }
        path = try Paths.canonical(made)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of a name in the folder.
    func path(_ name: String) -> String { "\(path)/\(name)" }

    /// Makes a folder.
    func folder(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: path(name), withIntermediateDirectories: true)
    }

    /// Makes a file.
    func file(_ name: String, _ content: String = "") throws {
        try Data(content.utf8).write(to: URL(fileURLWithPath: path(name)))
    }

    /// Makes a symbolic link.
    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: path(name), withDestinationPath: target)
    }

    /// The content of a file; nil where there is none.
    func text(_ name: String) -> String? {
        try? String(contentsOfFile: path(name), encoding: .utf8)
    }

    /// The permission bits of a file; nil where there is none.
    func mode(_ name: String) -> UInt32? {
        var status = stat()
        return lstat(path(name), &status) == 0 ? status.st_mode & 0o7777 : nil
    }

    /// What is in the folder.
    func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    }
}

/// The error of a call, or nil if it succeeds.
func failure(_ body: () throws -> Void) -> FileError? {
    caught(FileError.self, body)
}
