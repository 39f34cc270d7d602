import KStackAny
import TestSupport
import Testing

@testable import KStackLocal

/// What `.kstack.yaml` may hold.
@Suite
struct ProjectFileTests {
    private let box: Sandbox

    init() throws {
        box = try Sandbox()
    }

    @Test
    func everythingInItIsOptional() throws {
        for content in ["", "# nothing\n", "null\n", "{}\n", "environment:\nvault: ~\n"] {
            try box.file(".kstack.yaml", content)
            let file = try #require(try box.project().file())
            #expect(file.environment == nil)
            #expect(file.vault == nil)
        }
    }

    @Test
    func allKeysAreRead() throws {
        try box.file(
            ".kstack.yaml",
            "environment: dev\nroute: staging\nteam: ops\nvault: v\nconfig: /c\n"
        )
        let file = try #require(try box.project().file())
        #expect(file.environment?.text == "dev")
        #expect(try file.route() == .staging)
        #expect(file.team?.text == "ops")
        #expect(file.vault == box.path("v"))
        #expect(file.config == "/c")
    }

    @Test
    func anUnknownKeyIsNamedByItsLine() throws {
        try box.file(".kstack.yaml", "environment: dev\nenvironmnet: \(canary)\n")
        let error = failure { _ = try box.project().environment() }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("\(box.path(".kstack.yaml")), line 2") == true)
        #expect(error?.message.contains("environment, route, team, vault, config") == true)
    }

    @Test(arguments: [
        "environment: [dev]\n", "environment: {a: b}\n", "environment: ''\n", "vault: [a]\n", "config: {}\n",
        "vault: ''\n", "vault: \"a\\0b\"\n", "team: [ops]\n", "- environment\n", "just text\n",
    ])
    func wrongTypesAreRefused(content: String) throws {
        try box.file(".kstack.yaml", content)
        let error = failure { _ = try box.project().environment() }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains(box.path(".kstack.yaml")) == true)
    }

    @Test(arguments: ["environment", "team"])
    func invalidNamesAreRefused(key: String) throws {
        for value in ["Dev", "../dev", "dev/prod", "-dev", "a_b", String(repeating: "a", count: 64)] {
            try box.file(".kstack.yaml", "\(key): '\(value)'\n")
            let error = failure { _ = try box.project().environment() }
            #expect(error?.code == .configuration)
            #expect(error?.message.contains("\(box.path(".kstack.yaml")), \(key): ") == true)
        }
    }

    @Test(arguments: [
        "environment: dev\nenvironment: prod\n", "environment: \"dev\n", "a: b: c\n", "\tenvironment: dev\n",
        "--- \nenvironment: dev\n---\nenvironment: prod\n", "<<: {environment: dev}\n", "environment: *dev\n",
        "environment: !!int 1\n",
    ])
    func malformedYAMLIsRefused(content: String) throws {
        try box.file(".kstack.yaml", content)
        let error = failure { _ = try box.project().environment() }
        #expect(error?.code == .configuration)
        #expect(error?.message.hasPrefix("\(box.path(".kstack.yaml")): ") == true)
    }

    @Test
    func bytesThatAreNotUTF8AreRefused() throws {
        try box.file(".kstack.yaml", Array("environment: d".utf8) + [0xFF])
        #expect(failure { _ = try box.project().environment() }?.code == .configuration)
    }

    @Test
    func aFolderOfTheNameIsRefused() throws {
        try box.folder(".kstack.yaml")
        #expect(failure { _ = try box.project().environment() }?.code == .configuration)
    }

    @Test
    func anErrorIsNotRemembered() throws {
        let project = try box.project()
        try box.file(".kstack.yaml", "environment: [\n")
        #expect(failure { _ = try project.environment() } != nil)
        try box.file(".kstack.yaml", "environment: dev\n")
        #expect(try project.environment().text == "dev")
    }

    @Test(arguments: [0o622, 0o602, 0o666])
    func aFileThatOthersMayWriteIsRefused(mode: UInt32) throws {
        try box.file(".kstack.yaml", "environment: dev\n", mode: mode)
        for call in [
            failure { _ = try box.project().environment() },
            failure { _ = try box.project().vaultRoot() },
            failure { _ = try box.project().configRoot() },
        ] {
            #expect(call?.code == .configuration)
            #expect(call?.message.contains("chmod go-w -- '\(box.path(".kstack.yaml"))'") == true)
            #expect(call?.message.contains("mode \(String(mode, radix: 8))") == true)
        }
    }

    @Test(arguments: [0o400, 0o600, 0o644, 0o444, 0o755])
    func aFileThatOthersMayReadIsAccepted(mode: UInt32) throws {
        try box.file(".kstack.yaml", "environment: dev\n", mode: mode)
        #expect(try box.project().environment().text == "dev")
    }
}
