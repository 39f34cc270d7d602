import KStackAny
import Sodium
import Testing

/// Errors and what they show of strings from outside.
@Suite
struct KStackErrorTests {
    @Test
    func showsStringsInQuotes() {
        #expect(KStackError.quoted("dev") == "'dev'")
        #expect(KStackError.quoted("") == "''")
        #expect(KStackError.quoted("café 日本") == "'café 日本'")
        #expect(KStackError.quoted("%s %n \"") == "'%s %n \"'")
    }

    @Test
    func showsNoControlCharacters() {
        let hostile = [
            "\u{0}", "\u{1B}[2J", "\u{7F}", "\u{85}", "\u{9B}31m", "\u{202E}", "\u{200B}", "\u{2028}",
            "\u{FEFF}",
            "\u{E0041}", "\u{FFFF}", "\u{10FFFF}",
        ]
        for text in hostile {
            let shown = KStackError.quoted("a\(text)b")
            #expect(shown.unicodeScalars.allSatisfy { $0.isASCII && $0.value >= 0x20 && $0.value != 0x7F })
            #expect(shown.hasPrefix("'a?"))
        }
    }

    @Test
    func truncatesLongStrings() {
        let exact = String(repeating: "a", count: 64)
        #expect(KStackError.quoted(exact) == "'\(exact)'")
        #expect(KStackError.quoted(exact + "b") == "'\(exact)…'")
        #expect(KStackError.quoted(String(repeating: "\u{301}", count: 100_000)).unicodeScalars.count == 67)
    }

    @Test(arguments: [
        "a\nb", "\r\n", "AGE-SECRET-KEY-1QQQQ", "xage-secret-key-1", "eyJhbGciOiJIUzI1NiJ9.e30.x",
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_0123456789abcdefghij", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "Correct-Horse-Battery-9",
        "hunter2+hunter2+Hunter",
        "-----BEGIN OPENSSH PRIVATE KEY-----",
    ])
    func possibleSecretsAreNotShown(text: String) {
        let shown = KStackError.quoted(text)
        #expect(shown.hasPrefix("(") && shown.hasSuffix(")") && !shown.contains(text), "\(shown)")
    }

    @Test(arguments: [
        "S3", "layer 3", "prod/eu", "my_service", "cloud-credentials.yaml", "layer3/secret.cloud-credentials.yaml",
        "a.b.c",
        "AKIA", "no-such-environment-2026", "This is no name",
    ])
    func aMistypedNameIsShown(text: String) {
        #expect(KStackError.quoted(text) == "'\(text)'")
    }

    @Test
    func similarNamesAreSuggested() {
        let names = ["database", "s3", "sqs"]
        #expect(KStackError.suggestion("data-base", names) == "; did you mean 'database'?")
        #expect(KStackError.suggestion("s33", names) == "; did you mean 's3'?")
        #expect(KStackError.suggestion("redis", names).isEmpty)
        #expect(KStackError.suggestion("", []).isEmpty)
    }

    @Test(arguments: [SodiumError.outOfMemory, .unavailable])
    func missingMemoryIsAnInternalError(error: SodiumError) {
        let mapped = failure {
            try mapError(KStackError.memory) { () throws(SodiumError) in throw error }
        }
        #expect(mapped?.code == .internal)
        #expect(mapped?.message.isEmpty == false)
    }

    @Test
    func isNotRetryableUnlessItSaysSo() {
        #expect(!KStackError(.io, "m").isRetryable)
        #expect(KStackError(.clusterAPI, "m", isRetryable: true).isRetryable)
    }

    @Test
    func logLinesAreBuiltOnlyForALogFunction() {
        Log()(
            .info,
            {
                Issue.record("built without a log function")
                return ""
            }()
        )
        Log { level, message in
            #expect(level == .warning)
            #expect(message == "taken")
        }(.warning, "taken")
    }
}

/// No message shows a private key, wherever a caller put it.
@Suite
struct PrivateKeyTests {
    private let key = "AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ"

    @Test
    func aKeyIsNotShown() {
        for text in [key, key.lowercased(), "x \(key) y", "\(key)\n\(key)", "/home/\(key)", key + key] {
            #expect(KStackError.holdsPrivateKey(text))
            #expect(!KStackError.withoutPrivateKeys(text).uppercased().contains("1QQQQQ"))
            #expect(!KStackError.quoted(text).uppercased().contains("QQQQQ"))
        }
        #expect(KStackError.withoutPrivateKeys("x \(key) y") == "x AGE-SECRET-KEY-… y")
    }

    @Test
    func otherStringsAreShown() {
        for text in [
            "", "a line that starts with AGE-SECRET-KEY-1", "(AGE-SECRET-KEY-1…)", "AGE-SECRET", "ageage-secret-key",
        ] {
            #expect(KStackError.withoutPrivateKeys(text) == text)
        }
    }
}
