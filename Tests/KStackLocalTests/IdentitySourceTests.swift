import Foundation
import KStackAny
import TestSupport
import Testing

@testable import KStackLocal

/// Which source of identities is used.
@Suite
struct IdentitySourceTests {
    private let box: Sandbox

    init() throws {
        box = try Sandbox()
        box.set("XDG_CONFIG_HOME", box.path("config"))
    }

    @Test
    func theFirstThatIsSetIsUsed() throws {
        let keys = try (0..<7).map { _ in try Key() }
        for (index, name) in ["option", "kstack", "sops"].enumerated() {
            try box.file("\(name).txt", keys[[0, 2, 4][index]].secret)
        }
        try box.file("config/kstack/age/keys.txt", keys[5].secret)
        try box.file("config/sops/age/keys.txt", keys[6].secret)
        box.set("KSTACK_AGE_KEY", keys[1].secret)
        box.set("KSTACK_AGE_KEY_FILE", box.path("kstack.txt"))
        box.set("SOPS_AGE_KEY", keys[3].secret)
        box.set("SOPS_AGE_KEY_FILE", box.path("sops.txt"))

        // The source in use is removed, one after the other.
        #expect(try box.identities(file: box.path("option.txt")).identities().recipients == [keys[0].recipient])
        let store = try box.identities()
        #expect(try store.identities().recipients == [keys[1].recipient])
        for (index, name) in ["KSTACK_AGE_KEY", "KSTACK_AGE_KEY_FILE", "SOPS_AGE_KEY", "SOPS_AGE_KEY_FILE"].enumerated()
        {
            // An empty one is unset.
            box.set(name, index % 2 == 0 ? "" : nil)
            #expect(try store.identities().recipients == [keys[index + 2].recipient])
        }
        try box.remove("config/kstack/age/keys.txt")
        #expect(try store.identities().recipients == [keys[6].recipient])
        try box.remove("config/sops/age/keys.txt")
        #expect(failure { _ = try store.identities() }?.code == .vault)
        // And back again.
        box.set("SOPS_AGE_KEY", keys[3].secret)
        #expect(try store.identities().recipients == [keys[3].recipient])
    }

    @Test(arguments: ["KSTACK_AGE_KEY", "SOPS_AGE_KEY"])
    func anInvalidKeyIsAnErrorAndNotIgnored(name: String) throws {
        try box.file("config/kstack/age/keys.txt", Key().secret)
        for bad in [canary, "AGE-SECRET-KEY-1\(canary)", "# comment", "age1\(canary)", "\n"] {
            box.set(name, bad)
            let error = failure { _ = try box.identities().identities() }
            #expect(error?.code == .configuration)
            #expect(error?.message.contains(name) == true)
        }
    }

    @Test(arguments: ["KSTACK_AGE_KEY_FILE", "SOPS_AGE_KEY_FILE"])
    func anInvalidFileIsAnErrorAndNotIgnored(name: String) throws {
        try box.file("config/kstack/age/keys.txt", Key().secret)
        try box.file("bad.txt", "# comment\n\(canary)\n")
        try box.file("empty.txt", "")
        for file in ["bad.txt", "empty.txt", "none.txt", "config"] {
            box.set(name, box.path(file))
            let error = failure { _ = try box.identities().identities() }
            #expect(error?.code == .configuration)
            #expect(error?.message.contains(box.path(file)) == true)
        }
        box.set(name, box.path("bad.txt"))
        #expect(failure { _ = try box.identities().identities() }?.message.contains("line 2") == true)
        box.set(name, box.path("none.txt"))
        #expect(failure { _ = try box.identities().identities() }?.message.contains(name) == true)
    }

    @Test
    func aTokenInPlaceOfAPathIsNotShown() throws {
        // A name of more than 255 bytes is an error of its own to the system.
        for token in ["eyJ\(canary)aB3", "eyJ" + String(repeating: canary, count: 30)] {
            box.set("KSTACK_AGE_KEY_FILE", token)
            let error = try #require(failure { _ = try box.identities().identities() })
            #expect(error.code == .configuration)
            let shown = "(\(token.count) characters that may be a secret)"
            #expect(error.message.hasPrefix("KSTACK_AGE_KEY_FILE names \(shown)"))
            #expect(!error.message.contains(token))
            #expect(try box.identities().sources.contains { $0.label == "KSTACK_AGE_KEY_FILE" && $0.state == shown })
        }
    }

    @Test
    func anInvalidOptionIsAnErrorAndNotIgnored() throws {
        _ = try box.useKey()
        let error = failure { _ = try box.identities(file: box.path("none.txt")).identities() }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("option identity_file names \(box.path("none.txt"))") == true)
    }

    @Test
    func theConfigurationFolderIsThatOfXDG() throws {
        let key = try Key()
        try box.file("home/.config/kstack/age/keys.txt", key.secret)
        box.set("HOME", box.path("home"))
        // Another folder, which is empty.
        #expect(failure { _ = try box.identities().identities() }?.code == .vault)
        for ignored in ["", "relative", "./config", "~"] {
            box.set("XDG_CONFIG_HOME", ignored)
            #expect(try box.identities().identities().recipients == [key.recipient])
        }
    }

    @Test
    func withoutAHomeThereIsNoDefault() throws {
        box.set("XDG_CONFIG_HOME", nil)
        for home in ["", "relative"] {
            box.set("HOME", home)
            let error = failure { _ = try box.identities().identities() }
            #expect(error?.code == .vault)
            let reason = home.isEmpty ? "HOME and XDG_CONFIG_HOME are not set" : "HOME is not an absolute path"
            #expect(error?.message.contains("not checked: \(reason)") == true)
        }
    }

    @Test
    func theErrorListsAllSourcesInTheirOrder() throws {
        let error = try #require(failure { _ = try box.identities().identities() })
        #expect(error.code == .vault)
        let labels = IdentitySource.allCases.enumerated().map { "\($0.offset + 1) \($0.element.label): " }
        var rest = error.message[...]
        for label in labels {
            let place = try #require(rest.firstRange(of: label), "\(label)")
            rest = rest[place.upperBound...]
        }
        #expect(labels.count == 7)
        #expect(error.message.contains("\(box.path("config/kstack/age/keys.txt")) does not exist"))
        #expect(error.message.contains("\(box.path("config/sops/age/keys.txt")) does not exist"))
        #expect(error.message.contains("age-keygen"))
    }

    @Test
    func theListSaysWhichSourceWasUsed() throws {
        box.set("KSTACK_AGE_KEY_FILE", box.path("one.txt"))
        box.set("SOPS_AGE_KEY", canary)
        let list = try box.identities().describeSources(found: "none fits")
        #expect(list.contains("1 option identity_file: not set; 2 KSTACK_AGE_KEY: not set; "))
        #expect(list.contains("3 KSTACK_AGE_KEY_FILE: \(box.path("one.txt")), none fits; "))
        #expect(list.contains("4 SOPS_AGE_KEY: skipped, KSTACK_AGE_KEY_FILE comes first; "))
        #expect(!list.contains(canary))
    }

    @Test
    func oneSourceMayHoldSeveralIdentities() throws {
        let keys = [try Key(), try Key()]
        box.set("SOPS_AGE_KEY", keys.map(\.secret).joined(separator: "\n"))
        #expect(try box.identities().identities().recipients == keys.map(\.recipient))
        try box.file("keys.txt", "# one\n\(keys[0].secret)\n\n# two\r\n\(keys[1].secret)\r\n")
        box.set("KSTACK_AGE_KEY_FILE", box.path("keys.txt"))
        #expect(try box.identities().identities().recipients == keys.map(\.recipient))
    }
}
