import Foundation
import System
import Testing

/// Whole paths, errors in words, and the variables of the process.
@Suite
struct PathsTests {
    @Test
    func ancestorsAreNearestFirst() {
        #expect(Paths.ancestors(of: "/a/b/c") == ["/a/b/c", "/a/b", "/a", "/"])
        #expect(Paths.ancestors(of: "/a") == ["/a", "/"])
        #expect(Paths.ancestors(of: "/") == ["/"])
        #expect(Paths.ancestors(of: "//a///b/") == ["/a/b", "/a", "/"])
        #expect(Paths.ancestors(of: "") == ["/"])
        #expect(Paths.ancestors(of: "/é/日本\n/\u{0}") == ["/é/日本\n/\u{0}", "/é/日本\n", "/é", "/"])
    }

    @Test
    func resolvesARelativePath() {
        #expect(Paths.resolve("a/b", from: "/base") == "/base/a/b")
        #expect(Paths.resolve("a", from: "/") == "/a")
        #expect(Paths.resolve("../a", from: "/base") == "/base/../a")
        #expect(Paths.resolve("/a", from: "/base") == "/a")
        #expect(Paths.resolve("/", from: "/base") == "/")
    }

    @Test
    func anAbsolutePathMayGoOnWithACombiningCharacter() {
        // To Swift the slash and the accent are one character.
        #expect(Paths.resolve("/\u{301}a", from: "/base") == "/\u{301}a")
    }

    @Test
    func canonicalPathsHaveNoLinks() throws {
        let scratch = try Scratch()
        try scratch.folder("real/folder")
        try scratch.link("link", to: "real")
        #expect(try Paths.canonical(scratch.path("link/folder/../folder/.")) == scratch.path("real/folder"))
        #expect(failure { _ = try Paths.canonical(scratch.path("none")) }?.kind == .notFound)
        #expect(try Paths.canonical(".").hasPrefix("/"))
        try scratch.link("loop", to: "loop")
        #expect(failure { _ = try Paths.canonical(scratch.path("loop")) }?.code == ELOOP)
    }

    @Test
    func statusFollowsLinks() throws {
        let scratch = try Scratch()
        try scratch.file("file", "123")
        try scratch.link("link", to: "file")
        try scratch.link("dangling", to: "nothing")
        #expect(try Paths.status(of: scratch.path("link"))?.kind == .regular)
        #expect(try Paths.status(of: scratch.path("link"))?.size == 3)
        // A dangling link is not a missing file: a configuration would be ignored silently.
        #expect(failure { _ = try Paths.status(of: scratch.path("dangling")) }?.kind == .notFound)
        #expect(try Paths.status(of: scratch.path("none")) == nil)
        #expect(try Paths.status(of: scratch.path("file/below")) == nil)
        #expect(try Paths.status(of: scratch.path(String(repeating: "n", count: 256))) == nil)
    }

    @Test
    func errorsSayWhatAndWhere() {
        #expect(FileError(code: ENOENT, path: "/p").description == "/p: No such file or directory (errno 2)")
        #expect(FileError(code: EACCES, path: "/p").description == "/p: Permission denied (errno 13)")
        #expect(FileError(code: ENOSPC, path: "/p").description.hasPrefix("/p: No space left on device"))
        #expect(FileError(code: ELOOP, path: "/p").description == "/p is a symbolic link")
        #expect(FileError(.wrongKind, path: "/p").description.hasPrefix("/p is neither a regular file nor a directory"))
        #expect(FileError(code: ENOTDIR, path: "/p").description == "/p: Not a directory (errno 20)")
        #expect(FileError(.tooLarge, path: "/p").description == "/p is too large")
        #expect(FileError(code: 99_999, path: "/p").description.contains("99999"))
        #expect(FileError(code: -1, path: "/p").description.contains("-1"))
    }

    @Test(arguments: [
        (ENOENT, FileError.Kind.notFound), (ELOOP, .symbolicLink), (ENOTDIR, .wrongKind), (EISDIR, .wrongKind),
        (EEXIST, .exists), (EACCES, .system), (EROFS, .system), (ENAMETOOLONG, .system), (0, .system),
    ])
    func errorNumbersHaveKinds(code: Int32, kind: FileError.Kind) {
        let error = FileError(code: code, path: "/p")
        #expect(error.kind == kind)
        #expect(error.code == code)
    }

    @Test
    func anEmptyVariableIsUnset() async {
        // The variables are the whole process's.
        await #expect(processExitsWith: .success) {
            let name = "KSTACK_FILES_TESTS"
            unsetenv(name)
            #expect(ProcessEnvironment.value(of: name) == nil)
            var length = try lengthOfSecret(name)
            #expect(length == nil)
            setenv(name, "", 1)
            #expect(ProcessEnvironment.value(of: name) == nil)
            length = try lengthOfSecret(name)
            #expect(length == nil)
            setenv(name, " v é ", 1)
            #expect(ProcessEnvironment.value(of: name) == " v é ")
            length = try lengthOfSecret(name)
            #expect(length == 6)
            // Invalid, which is not the same as unset.
            setenv(name, [0x61, CChar(bitPattern: 0xFF), 0], 1)
            #expect(ProcessEnvironment.value(of: name) == "a\u{FFFD}")
            length = try lengthOfSecret(name)
            #expect(length == 2)
        }
    }
}

/// How long the secret in a variable is; nil where it is unset.
private func lengthOfSecret(_ name: String) throws -> Int? {
    guard let secret = try ProcessEnvironment.secret(of: name) else { return nil }
    return secret.count
}
