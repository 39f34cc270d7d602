import Foundation
import KStackAny
import System
import TestSupport
import Testing

@testable import KStackLocal

/// Runs over a vault that write plaintext.
@Suite
struct VaultDecryptTests {
    private let box: Sandbox
    private let key: Key

    init() throws {
        box = try Sandbox()
        key = try box.useKey()
    }

    /// The result for each file, such as "layer3/a written".
    private func lines(_ report: VaultReport) -> [String] {
        report.entries.map { "\($0.path) \($0.result)" }
    }

    @Test
    func writesEveryFileAndChangesNothingTheSecondTime() throws {
        try box.secret("layer3/b", "of b", for: key)
        try box.secret("layer3/a", "", for: key)
        try box.secret("layer0/c.yaml", String(repeating: "c", count: 200_000), for: key)
        try box.file("vault/dev/layer3/secret.a.cfg", "metadata")
        let vault = try box.vault()
        let first = try vault.decrypt(.init())
        #expect(first.failure == nil)
        #expect(lines(first) == ["layer0/c.yaml written", "layer3/a written", "layer3/b written"])
        #expect(box.text("vault/dev/layer3/b") == "of b")
        #expect(box.text("vault/dev/layer3/a") == "")
        #expect(box.text("vault/dev/layer0/c.yaml")?.count == 200_000)
        #expect(box.mode("vault/dev/layer3/b") == 0o600)
        #expect(try box.names("vault/dev/layer3") == ["a", "b", "secret.a", "secret.a.cfg", "secret.b"])
        #expect(try vault.isEncrypted() == false)
        for options in [VaultOptions(), .init(overwrites: true)] {
            let version = try Paths.status(of: box.path("vault/dev/layer3/b"))?.version
            let again = try vault.decrypt(options)
            #expect(again.failure == nil)
            #expect(lines(again) == ["layer0/c.yaml unchanged", "layer3/a unchanged", "layer3/b unchanged"])
            #expect(try Paths.status(of: box.path("vault/dev/layer3/b"))?.version == version)
        }
    }

    @Test
    func anEmptyVaultSucceeds() throws {
        try box.folder("vault/dev/layer3")
        let report = try box.vault().decrypt(.init())
        #expect(report.entries.isEmpty)
        #expect(report.failure == nil)
    }

    @Test(arguments: ["", canary, "of ", "of a and more", "Of a"])
    func aPlaintextThatDiffersIsAConflictAndStays(edited: String) throws {
        try box.secret("layer3/a", "of a", for: key)
        try box.secret("layer3/b", "of b", for: key)
        try box.file("vault/dev/layer3/a", edited, mode: 0o640)
        let report = try box.vault().decrypt(.init())
        #expect(lines(report) == ["layer3/a conflict", "layer3/b written"])
        let error = failure { if let failure = report.failure { throw failure } }
        #expect(error?.code == .conflict)
        #expect(error?.message.contains(box.path("vault/dev/layer3/a")) == true)
        #expect(box.text("vault/dev/layer3/a") == edited)
        #expect(box.mode("vault/dev/layer3/a") == 0o640)
        #expect(try box.names("vault/dev/layer3") == ["a", "b", "secret.a", "secret.b"])
    }

    @Test
    func overwritingTakesTheEncryptedForm() throws {
        try box.secret("layer3/a", "of a", for: key)
        try box.file("vault/dev/layer3/a", "edited", mode: 0o644)
        let report = try box.vault().decrypt(.init(overwrites: true))
        #expect(lines(report) == ["layer3/a written"])
        #expect(report.failure == nil)
        #expect(box.text("vault/dev/layer3/a") == "of a")
        #expect(box.mode("vault/dev/layer3/a") == 0o600)
    }

    @Test
    func aDamagedFileNeverBecomesPlaintext() throws {
        // Damaged in the last of several chunks: most of it is authentic.
        var damaged = try key.encrypt(String(repeating: canary, count: 30_000))
        damaged[damaged.count - 1] ^= 1
        try box.file("vault/dev/layer3/secret.a", damaged)
        try box.secret("layer3/b", "of b", for: key)
        let report = try box.vault().decrypt(.init())
        #expect(lines(report) == ["layer3/a failed", "layer3/b written"])
        #expect(failure { if let failure = report.failure { throw failure } }?.code == .vault)
        #expect(try box.names("vault/dev/layer3") == ["b", "secret.a", "secret.b"])
        // Nor does it replace a plaintext.
        try box.file("vault/dev/layer3/a", "mine")
        let overwriting = try box.vault().decrypt(.init(overwrites: true))
        #expect(lines(overwriting) == ["layer3/a failed", "layer3/b unchanged"])
        #expect(box.text("vault/dev/layer3/a") == "mine")
        #expect(try box.names("vault/dev/layer3") == ["a", "b", "secret.a", "secret.b"])
    }

    @Test
    func aFileThatFailsDoesNotStopTheOthers() throws {
        try box.secret("layer1/a", canary, for: Key())
        try box.secret("layer2/b", canary, for: Key())
        try box.secret("layer3/c", "of c", for: key)
        let report = try box.vault().decrypt(.init())
        #expect(lines(report) == ["layer1/a failed", "layer2/b failed", "layer3/c written"])
        #expect(report.failure?.code == .vault)
        #expect(report.failure?.message.hasSuffix("; 1 more of 3 files failed") == true)
    }

    @Test
    func onlyTheNamedFilesAreDecrypted() throws {
        for path in ["layer3/a", "layer3/b", "layer1/c"] { try box.secret(path, "of \(path)", for: key) }
        let vault = try box.vault()
        let report = try vault.decrypt(.init(files: ["layer3/b", "layer1/c", "layer3/b"]))
        #expect(lines(report) == ["layer1/c written", "layer3/b written"])
        #expect(box.text("vault/dev/layer3/a") == nil)
        let missing = try vault.decrypt(.init(files: ["layer3/a", "layer3/none", "layer0/none"]))
        #expect(lines(missing) == ["layer0/none failed", "layer3/a written", "layer3/none failed"])
        #expect(missing.failure?.code == .serviceNotFound)
        #expect(try vault.decrypt(.init(files: [])).entries.isEmpty)
    }

    @Test
    func anInvalidPathStopsTheRunBeforeItBegins() throws {
        try box.secret("layer3/a", canary, for: key)
        for path in ["../dev/layer3/a", "layer3/secret.a", "a", "layer3/a/b"] {
            let error = failure { _ = try box.vault().decrypt(.init(files: ["layer3/a", path])) }
            #expect(error?.code == .invalidArgument)
        }
        #expect(try box.names("vault/dev/layer3") == ["secret.a"])
    }

    @Test
    func whatAKilledRunLeftIsRemoved() throws {
        try box.secret("layer3/a", "of a", for: key)
        try box.folder("vault/dev/layer1")
        try box.file("elsewhere", "mine")
        for layer in ["layer1", "layer3"] {
            try box.file("vault/dev/\(layer)/.kstack-tmp-0123abcd", canary)
            try box.link("vault/dev/\(layer)/.kstack-tmp-link", to: box.path("elsewhere"))
            try box.file("vault/dev/\(layer)/.kstack-other", "kept")
        }
        #expect(try box.vault().decrypt(.init()).failure == nil)
        #expect(try box.names("vault/dev/layer1") == [".kstack-other"])
        #expect(try box.names("vault/dev/layer3") == [".kstack-other", "a", "secret.a"])
        #expect(box.text("elsewhere") == "mine")
    }

    @Test
    func concurrentRunsDoNotInterfere() throws {
        for number in 0..<10 { try box.secret("layer3/f\(number)", "of \(number)", for: key) }
        let box = box
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            let error = failure {
                if let failure = try box.vault().decrypt(.init()).failure { throw failure }
            }
            #expect(error == nil)
        }
        let expected = (0..<10).flatMap { ["f\($0)", "secret.f\($0)"] }.sorted()
        #expect(try box.names("vault/dev/layer3") == expected)
    }

    @Test
    func aPlaintextThatOthersMayWriteIsRefused() throws {
        try box.secret("layer3/a", "of a", for: key)
        try box.file("vault/dev/layer3/a", "of a", mode: 0o666)
        let report = try box.vault().decrypt(.init())
        #expect(lines(report) == ["layer3/a failed"])
        #expect(report.failure?.code == .configuration)
        #expect(box.mode("vault/dev/layer3/a") == 0o666)
    }

    @Test
    func withoutAnIdentityEveryFileFails() throws {
        try box.secret("layer3/a", canary, for: key)
        box.set("KSTACK_AGE_KEY", nil)
        let report = try box.vault().decrypt(.init())
        #expect(lines(report) == ["layer3/a failed"])
        #expect(report.failure?.code == .vault)
        #expect(try box.names("vault/dev/layer3") == ["secret.a"])
    }
}
