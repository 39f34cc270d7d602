import Foundation
import Sodium
import System
import TestSupport
import Testing

/// Regular files that are read.
@Suite
struct OpenFileTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    @Test(arguments: [0, 1, 4095, 4096, 4097, 70_000])
    func readsAFileWhole(size: Int) throws {
        let content = String(String(repeating: "0123456789", count: size / 10 + 1).prefix(size))
        try scratch.file("file", content)
        let found = text(try OpenFile.open(path: scratch.path("file")).readAll(limit: size))
        #expect(found == content)
    }

    @Test
    func refusesMoreThanTheLimit() throws {
        try scratch.file("file", "12345")
        for limit in [0, 4] {
            let error = failure { _ = try OpenFile.open(path: scratch.path("file")).readAll(limit: limit) }
            #expect(error?.kind == .tooLarge)
            #expect(error?.description == "\(scratch.path("file")) is too large")
        }
        #expect(failure { _ = try OpenFile.open(path: scratch.path("file")).readAll(limit: 5) } == nil)
    }

    @Test
    func readsTheRestOfAFileThatShrank() throws {
        try scratch.file("file", "12345")
        let file = try OpenFile.open(path: scratch.path("file"))
        #expect(truncate(scratch.path("file"), 2) == 0)
        let content = text(try file.readAll(limit: 5))
        #expect(content == "12")
    }

    @Test
    func readsAFileThatGrewUpToItsOldLength() throws {
        try scratch.file("file", "12")
        let file = try OpenFile.open(path: scratch.path("file"))
        let handle = try #require(FileHandle(forWritingAtPath: scratch.path("file")))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("345".utf8))
        try handle.close()
        let content = text(try file.readAll(limit: 5))
        #expect(content == "12")
    }

    @Test
    func readsInPieces() throws {
        try scratch.file("file", "12345")
        let file = try OpenFile.open(path: scratch.path("file"))
        var buffer = try SecretBytes(count: 4)
        var counts = [try file.read(into: &buffer, count: 100)]
        let first = text(buffer)
        #expect(first == "1234")
        counts.append(try file.read(into: &buffer, count: 0))
        counts.append(try file.read(into: &buffer, count: 4))
        counts.append(try file.read(into: &buffer, count: 4))
        #expect(counts == [4, 0, 1, 0])
    }

    @Test
    func followsALinkThatTheUserNamed() throws {
        try scratch.file("file", "content")
        try scratch.link("link", to: "file")
        let content = text(try OpenFile.open(path: scratch.path("link")).readAll(limit: 10))
        #expect(content == "content")
    }

    @Test
    func refusesOtherKindsOfFiles() throws {
        #expect(mkfifo(scratch.path("fifo"), 0o600) == 0)
        for path in [scratch.path, scratch.path("fifo"), "/dev/null"] {
            #expect(failure { _ = try OpenFile.open(path: path) }?.kind == .wrongKind)
        }
        #expect(failure { _ = try OpenFile.open(path: scratch.path("none")) }?.kind == .notFound)
    }

    @Test
    func reportsTheStatusOfAFile() throws {
        try scratch.file("file", "12345")
        #expect(chmod(scratch.path("file"), 0o4640) == 0)
        let status = try OpenFile.open(path: scratch.path("file")).status
        #expect(status.mode == 0o4640)
        #expect(status.owner == geteuid())
        #expect(status.size == 5)
        #expect(try Paths.status(of: scratch.path("file")) == status)
    }

    @Test
    func distinguishesVersionsOfAFile() throws {
        try scratch.file("file", "12345")
        try scratch.file("other", "12345")
        let first = try OpenFile.open(path: scratch.path("file")).status.version
        let again = try OpenFile.open(path: scratch.path("file")).status.version
        let other = try OpenFile.open(path: scratch.path("other")).status.version
        #expect(first == again)
        #expect(first != other)
        #expect(rename(scratch.path("other"), scratch.path("file")) == 0)
        let replaced = try OpenFile.open(path: scratch.path("file")).status.version
        #expect(replaced != first)
    }

    @Test
    func closesWhatItOpened() throws {
        try scratch.file("file")
        let before = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        for _ in 1...200 {
            let root = try Directory.open(path: scratch.path)
            _ = try root.file("file")
            _ = try root.names()
            _ = try root.lock()
            _ = try TemporaryFile.make(in: root)
            _ = failure { _ = try root.file("none") }
        }
        let after = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        // Other tests run at the same time.
        #expect(after - before < 100)
    }
}
