import KStackAny
import Testing

@testable import KStackLocal

/// Which names are files of a vault, and what paths name them.
@Suite
struct VaultNamesTests {
    @Test(arguments: [
        "a", "cloud-credentials.yaml", "a.md.yaml", "mdx", "a.configs", "secrets.yaml", "secret", "Secret.a",
    ])
    func plaintextAndEncryptedNamesBelongTogether(name: String) throws {
        #expect(VaultNaming.isPlaintext(name))
        #expect(VaultNaming.encryptedName(of: name) == "secret.\(name)")
        #expect(VaultNaming.plaintextName(of: "secret.\(name)") == name)
        #expect(VaultNaming.plaintextName(of: name) == nil)
        #expect(try VaultNaming.checked(name).text == name)
    }

    @Test(arguments: [
        "a.example", "a.template", "README.md", "a~", ".hidden", "a.cfg", "a.conf", "a.config", ".kstack-state", "~",
        "",
        ".kstack-tmp-0123", ".yaml", "secret.a", "secret.",
    ])
    func otherNamesAreNotVaultFiles(name: String) {
        #expect(!VaultNaming.isPlaintext(name))
        #expect(VaultNaming.plaintextName(of: "secret.\(name)") == nil)
        #expect(failure { _ = try VaultNaming.checked(name) }?.code == .invalidArgument)
    }

    @Test
    func theErrorSaysWhatIsWrongWithAName() {
        func message(_ name: String) -> String { failure { _ = try VaultNaming.checked(name) }?.message ?? "" }
        #expect(message("secret.a").contains("give the plaintext name"))
        #expect(message("README.md").contains("notes and metadata"))
        #expect(message("a/b").contains("invalid file name"))
    }

    @Test
    func accentsNextToDotsChangeNothing() {
        // To Swift an accent makes one character with the dot before it, to the file system it does not.
        #expect(VaultNaming.plaintextName(of: "secret.\u{301}a") == "\u{301}a")
        #expect(!VaultNaming.isPlaintext("secret.\u{301}a"))
        #expect(!VaultNaming.isPlaintext("a\u{600}.md"))
        #expect(!VaultNaming.isPlaintext("a\u{600}~"))
        #expect(failure { _ = try VaultNaming.checked("secret.\u{301}a") }?.code == .invalidArgument)
    }

    @Test
    func aPathIsALayerAndAName() throws {
        let paths = try VaultFilePath.parse(["layer3/a.yaml", "layer0/b", "layer3/a.yaml", "layer2/a.yaml"])
        #expect(paths.map(\.layer) == [.globalInfrastructure, .applications, .globalServices])
        #expect(paths.map(\.name) == ["a.yaml", "b", "a.yaml"])
        #expect(try VaultFilePath.parse([]).isEmpty)
    }

    @Test
    func twoSpellingsOfAnAccentAreTwoPaths() throws {
        let paths = try VaultFilePath.parse(["layer3/\u{E9}", "layer3/e\u{301}", "layer3/\u{E9}"])
        #expect(paths.map { Array($0.name.utf8) } == [Array("\u{E9}".utf8), Array("e\u{301}".utf8)])
    }

    @Test(arguments: [
        "", "/", "layer3", "layer3/", "/layer3/a", "layer3//a", "layer3/a/b", "layer3/../a", "../layer3/a", "layer4/a",
        "3/a", "LAYER3/a", "layer-3-global-infra/a", "layer3/.hidden", "layer3/secret.a", "layer3/README.md",
        "layer3\\a", " layer3/a", "layer3/..", "./layer3/a", "layer3/\u{301}/a", "layer3\u{301}/a",
    ])
    func otherPathsAreRefused(path: String) {
        #expect(failure { _ = try VaultFilePath.parse([path]) }?.code == .invalidArgument)
    }

    @Test
    func aPathWithAControlCharacterIsRefused() {
        for path in ["layer3/a\nb", "layer3/a\u{0}", "layer3/\u{9B}a", "layer3\u{0}/a"] {
            let error = failure { _ = try VaultFilePath.parse([path]) }
            #expect(error?.code == .invalidArgument)
        }
    }
}
