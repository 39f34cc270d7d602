import Foundation
import System
import TestSupport
import Testing

/// Walks from one open folder, on which no link is followed.
@Suite
struct DirectoryTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    @Test
    func reachesFilesByTheirNames() throws {
        try scratch.folder("one/two")
        try scratch.file("one/two/file", "content")
        let root = try Directory.open(path: scratch.path)
        let two = try root.directory("one").directory("two")
        let file = try two.file("file")
        let content = text(try file.readAll(limit: 100))
        #expect(content == "content")
        let paths = [two.path, file.path]
        #expect(paths == [scratch.path("one/two"), scratch.path("one/two/file")])
        let kinds = [root.status.kind, file.status.kind]
        #expect(kinds == [.directory, .regular])
    }

    @Test
    func theRootMayBeALinkAndNothingBelowIt() throws {
        try scratch.folder("real/inside")
        try scratch.file("real/file")
        try scratch.link("root", to: "real")
        try scratch.link("real/folder-link", to: "inside")
        try scratch.link("real/file-link", to: "file")
        try scratch.link("real/dangling", to: "nothing")
        let root = try Directory.open(path: scratch.path("root"))
        for name in ["folder-link", "file-link", "dangling"] {
            let errors = [
                failure { _ = try root.directory(name) },
                failure { _ = try root.file(name) },
            ]
            for error in errors {
                #expect(error?.kind == .symbolicLink, "\(name)")
                #expect(error?.path == scratch.path("root/\(name)"))
                #expect(error?.description == "\(scratch.path("root/\(name)")) is a symbolic link")
            }
            let kind = try root.status(of: name)?.kind
            #expect(kind == .symbolicLink)
        }
    }

    @Test
    func refusesOtherKindsOfFiles() throws {
        try scratch.folder("folder")
        try scratch.file("file")
        #expect(mkfifo(scratch.path("fifo"), 0o600) == 0)
        let root = try Directory.open(path: scratch.path)
        #expect(failure { _ = try root.file("folder") }?.kind == .wrongKind)
        #expect(failure { _ = try root.directory("file") }?.kind == .wrongKind)
        // Neither waits for a writer.
        #expect(failure { _ = try root.file("fifo") }?.kind == .wrongKind)
        #expect(failure { _ = try root.directory("fifo") }?.kind == .wrongKind)
        #expect(failure { _ = try Directory.open(path: scratch.path("file")) }?.kind == .wrongKind)
        let kind = try root.status(of: "fifo")?.kind
        #expect(kind == .pipe)
    }

    @Test(arguments: ["null", "zero"])
    func refusesADevice(name: String) throws {
        let devices = try Directory.open(path: "/dev")
        #expect(failure { _ = try devices.file(name) }?.kind == .wrongKind)
    }

    @Test
    func reportsMissingFiles() throws {
        let root = try Directory.open(path: scratch.path)
        #expect(failure { _ = try root.file("none") }?.kind == .notFound)
        #expect(failure { _ = try root.directory("none") }?.kind == .notFound)
        #expect(failure { _ = try Directory.open(path: scratch.path("none")) }?.kind == .notFound)
        let status = try root.status(of: "none")
        #expect(status == nil)
    }

    @Test
    func sortsNamesByTheirBytes() throws {
        let names = ["a", "B", "a-b", "a.b", "ab", ".hidden", "é", "e\u{301}", "10", "9", "z", "~", "日本"]
        for name in names { try scratch.file(name) }
        let root = try Directory.open(path: scratch.path)
        let expected = names.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
        for _ in 1...2 {
            let found = try Array(root.names())
            #expect(found.map { Array($0.utf8) } == expected.map { Array($0.utf8) })
        }
    }

    @Test
    func listsManyNamesAndLongOnes() throws {
        let long = String(repeating: "n", count: 255)
        let names = (100..<1100).map { "file-\($0)" } + [long]
        for name in names { #expect(close(creat(scratch.path(name), 0o600)) == 0) }
        let root = try Directory.open(path: scratch.path)
        let found = try Array(root.names())
        #expect(found == names.sorted())
    }

    @Test
    func marksNamesThatAreNotUTF8() throws {
        try scratch.file("good")
        let odd = Array(scratch.path.utf8CString.dropLast()) + [0x2F, CChar(bitPattern: 0xFF), 0x61, 0]
        #expect(close(creat(odd, 0o600)) == 0)
        let root = try Directory.open(path: scratch.path)
        let found = try Array(root.names())
        #expect(found == ["good", "\u{FFFD}a"])
    }

    @Test
    func listsAnEmptyFolder() throws {
        let found = try Array(Directory.open(path: scratch.path).names())
        #expect(found == [])
    }

    @Test
    func removesAFileAndIgnoresAMissingOne() throws {
        try scratch.file("file")
        try scratch.folder("folder")
        let root = try Directory.open(path: scratch.path)
        try root.remove("file")
        try root.remove("file")
        #expect(failure { try root.remove("folder") } != nil)
        try root.synchronize()
        #expect(try Array(scratch.names()) == ["folder"])
    }

    @Test
    func oddNamesDoNotTrap() throws {
        let root = try Directory.open(path: scratch.path)
        // Not arguments of the test: they would end up in its output.
        let names = ["", "a\u{0}b", "\u{0}", "\n", "\u{7F}", "e\u{301}\u{301}", String(repeating: "x", count: 5000)]
        for name in names {
            #expect(failure { _ = try root.file(name) } != nil)
            #expect(failure { _ = try root.directory(name) } != nil)
            #expect(failure { _ = try Directory.open(path: name) } != nil)
            #expect(failure { _ = try OpenFile.open(path: name) } != nil)
            #expect(failure { _ = try Paths.canonical(name) } != nil)
            _ = failure { _ = try root.status(of: name) }
            _ = failure { _ = try Paths.status(of: name) }
            _ = failure { try root.remove(name) }
        }
    }

    @Test
    func staysOnTheFolderThatItOpened() throws {
        try scratch.folder("first")
        try scratch.file("first/file", "first")
        let folder = try Directory.open(path: scratch.path).directory("first")
        try FileManager.default.moveItem(atPath: scratch.path("first"), toPath: scratch.path("moved"))
        try scratch.link("first", to: "/")
        let content = text(try folder.file("file").readAll(limit: 10))
        #expect(content == "first")
    }
}
