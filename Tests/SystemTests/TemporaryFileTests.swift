import Foundation
import System
import TestSupport
import Testing

/// Files that get their name when they are complete.
@Suite
struct TemporaryFileTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    @Test
    func aFileIsRemovedUnlessItGotAName() throws {
        let folder = try Directory.open(path: scratch.path)
        do {
            var file = try TemporaryFile.make(in: folder)
            try file.write(Array("content".utf8).span)
            let names = try Array(scratch.names())
            #expect(names.count == 1)
            #expect(names.allSatisfy { $0.hasPrefix(TemporaryFile.prefix) && $0.utf8.count > 12 })
            #expect(names.compactMap(scratch.mode) == [0o600])
            _ = consume file
        }
        #expect(try Array(scratch.names()) == [])
    }

    @Test
    func createsAFile() throws {
        var file = try TemporaryFile.make(in: Directory.open(path: scratch.path))
        try file.write(Array("con".utf8).span)
        try file.write([UInt8]().span)
        try file.write(Array("tent".utf8).span)
        #expect(scratch.text("target") == nil)
        try file.place(as: "target", replacing: nil)
        _ = consume file
        #expect(try Array(scratch.names()) == ["target"])
        #expect(scratch.text("target") == "content")
        #expect(scratch.mode("target") == 0o600)
    }

    @Test
    func createKeepsExistingFiles() throws {
        try scratch.file("file", "old")
        try scratch.folder("folder")
        try scratch.link("dangling", to: "nothing")
        try scratch.link("link", to: "file")
        for name in ["file", "folder", "dangling", "link"] {
            var file = try TemporaryFile.make(in: Directory.open(path: scratch.path))
            var error: FileError?
            do throws(FileError) {
                try file.place(as: name, replacing: nil)
            } catch let found {
                error = found
            }
            _ = consume file
            #expect(error?.kind == .exists)
            #expect(error?.path == scratch.path(name))
        }
        #expect(try Array(scratch.names()) == ["dangling", "file", "folder", "link"])
        #expect(scratch.text("file") == "old")
    }

    @Test
    func ofManyConcurrentCreatesOneSucceeds() async throws {
        let path = scratch.path
        let winners = try await withThrowingTaskGroup(of: Int?.self) { group in
            for number in 0..<16 {
                group.addTask {
                    var file = try TemporaryFile.make(in: Directory.open(path: path))
                    try file.write(Array("\(number)".utf8).span)
                    do throws(FileError) {
                        try file.place(as: "target", replacing: nil)
                        return number
                    } catch {
                        #expect(error.kind == .exists)
                        return nil
                    }
                }
            }
            return try await group.reduce(into: [Int]()) { if let number = $1 { $0.append(number) } }
        }
        #expect(winners.count == 1)
        #expect(winners.map { "\($0)" } == [scratch.text("target")])
        #expect(try Array(scratch.names()) == ["target"])
    }

    @Test
    func replacesExistingFilesAtomically() throws {
        try scratch.file("file", "old")
        #expect(chmod(scratch.path("file"), 0o644) == 0)
        try scratch.link("link", to: "file")
        for name in ["file", "link", "fresh"] {
            var file = try TemporaryFile.make(in: Directory.open(path: scratch.path))
            try file.write(Array("new \(name)".utf8).span)
            try file.replace(name)
            _ = consume file
        }
        #expect(try Array(scratch.names()) == ["file", "fresh", "link"])
        // The link itself was replaced, not what it pointed at.
        #expect(scratch.text("file") == "new file")
        #expect(scratch.text("link") == "new link")
        #expect(scratch.mode("file") == 0o600)
    }

    @Test
    func replaceDoesNotRemoveAFolder() throws {
        try scratch.folder("folder")
        var file = try TemporaryFile.make(in: Directory.open(path: scratch.path))
        var error: FileError?
        do throws(FileError) {
            try file.replace("folder")
        } catch let found {
            error = found
        }
        _ = consume file
        #expect(error != nil)
        #expect(try Array(scratch.names()) == ["folder"])
    }

    @Test
    func isMadeInTheFolderThatWasOpened() throws {
        try scratch.folder("first")
        let folder = try Directory.open(path: scratch.path("first"))
        try FileManager.default.moveItem(atPath: scratch.path("first"), toPath: scratch.path("moved"))
        var file = try TemporaryFile.make(in: folder)
        _ = consume folder
        try file.place(as: "target", replacing: nil)
        _ = consume file
        #expect(scratch.mode("moved/target") == 0o600)
    }

    @Test
    func hasItsModeWhateverTheUmask() async {
        // The umask is the whole process's.
        await #expect(processExitsWith: .success) {
            let scratch = try Scratch()
            let folder = try Directory.open(path: scratch.path)
            for mask: mode_t in [0, 0o077, 0o777] {
                umask(mask)
                var file = try TemporaryFile.make(in: folder)
                #expect(try Array(scratch.names()).compactMap(scratch.mode) == [0o600])
                try file.place(as: "target", replacing: nil)
                _ = consume file
                #expect(scratch.mode("target") == 0o600)
                try folder.remove("target")
            }
        }
    }
}
