import Foundation
import KStackAny
import System
import Testing

@testable import KStackLocal

/// The search from a folder upwards.
@Suite
struct ProjectTests {
    private let box: Sandbox

    init() throws {
        box = try Sandbox()
    }

    @Test
    func theNearestFileWins() throws {
        try box.folder("a/b/c")
        try box.file(".kstack.yaml", "environment: outer\n")
        #expect(try box.project("a/b/c").environment().text == "outer")
        try box.file("a/b/.kstack.yaml", "environment: inner\n")
        #expect(try box.project("a/b/c").environment().text == "inner")
        #expect(try box.project("a").environment().text == "outer")
    }

    @Test
    func theNearestFileHidesAllOfTheOthers() throws {
        try box.folder("a")
        try box.file(".kstack.yaml", "environment: outer\n")
        try box.file("a/.kstack.yaml", "team: ops\n")
        let error = failure { _ = try box.project("a").environment() }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("names none") == true)
    }

    @Test
    func noFileIsAnErrorThatSaysWhatToWrite() {
        let error = failure { _ = try box.project().environment() }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("there is no .kstack.yaml in \(box.path) or above it") == true)
        #expect(error?.message.contains("environment: dev") == true)
    }

    @Test
    func aChangeIsSeenAtTheNextCall() throws {
        try box.folder("a")
        try box.file(".kstack.yaml", "environment: one\n")
        let project = try box.project("a")
        #expect(try project.environment().text == "one")
        try box.file(".kstack.yaml", "environment: two\n")
        #expect(try project.environment().text == "two")
        try box.file("a/.kstack.yaml", "environment: three\n")
        #expect(try project.environment().text == "three")
        try box.remove("a/.kstack.yaml")
        #expect(try project.environment().text == "two")
        try box.mode(".kstack.yaml", 0o666)
        #expect(failure { _ = try project.environment() }?.message.contains("chmod go-w") == true)
        try box.mode(".kstack.yaml", 0o644)
        #expect(try project.environment().text == "two")
        try box.remove(".kstack.yaml")
        #expect(failure { _ = try project.environment() }?.code == .configuration)
    }

    @Test
    func theVaultIsTheNearestFolderUpwards() throws {
        try box.folder("a/b")
        let error = failure { _ = try box.project("a/b").vaultRoot() }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("there is no vault") == true)
        try box.folder("vault")
        #expect(try box.project("a/b").vaultRoot() == box.path("vault"))
        try box.folder("a/vault")
        #expect(try box.project("a/b").vaultRoot() == box.path("a/vault"))
        try box.file("a/b/vault", "a file is none")
        #expect(try box.project("a/b").vaultRoot() == box.path("a/vault"))
    }

    @Test
    func theVaultIsRelativeToTheFile() throws {
        try box.folder("a/b/vault")
        try box.folder("secrets/here")
        try box.file("a/.kstack.yaml", "vault: ../secrets/here\n")
        #expect(try box.project("a/b").vaultRoot() == box.path("secrets/here"))
        try box.file("a/.kstack.yaml", "vault: '\(box.path("a"))'\n")
        #expect(try box.project("a/b").vaultRoot() == box.path("a"))
        try box.file("a/.kstack.yaml", "vault: nowhere\n")
        let error = failure { _ = try box.project("a/b").vaultRoot() }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("'vault' of .kstack.yaml is \(box.path("a/nowhere"))") == true)
    }

    @Test
    func theConfigurationIsFoundInBothPlaces() throws {
        try box.folder("a/b")
        #expect(failure { _ = try box.project("a/b").configRoot() }?.code == .configuration)
        try box.folder("environments")
        #expect(try box.project("a/b").configRoot() == box.path)
        try box.folder("a/config/environments")
        #expect(try box.project("a/b").configRoot() == box.path("a/config"))
        try box.folder("a/environments")
        #expect(try box.project("a/b").configRoot() == box.path("a"))
        try box.folder("elsewhere")
        try box.file(".kstack.yaml", "config: elsewhere\n")
        #expect(try box.project("a/b").configRoot() == box.path("elsewhere"))
        try box.file(".kstack.yaml", "config: nowhere\n")
        #expect(failure { _ = try box.project("a/b").configRoot() }?.code == .configuration)
    }

    @Test
    func theRootIsTheFolderWithoutLinks() throws {
        try box.folder("real")
        try box.link("link", to: "real")
        #expect(try box.project("link").root == box.path("real"))
        try box.file("file", "")
        for name in ["none", "file"] {
            let error = failure { _ = try box.project(name) }
            #expect(error?.code == .io)
            #expect(error?.message.contains(box.path(name)) == true)
        }
    }

    @Test
    func pathsOfTheCallerBecomeAbsolute() throws {
        #expect(try Project.absolute("/a/b") == "/a/b")
        #expect(try Project.absolute("a/b") == Paths.resolve("a/b", from: Paths.canonical(".")))
    }
}
