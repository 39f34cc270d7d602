import Age
import Testing

/// The vectors that every age implementation is held to.
@Suite(.enabled(if: TestVector.folder != nil, "KSTACK_AGE_TESTKIT is not set: the age test vectors were not run"))
struct TestKitTests {
    @Test func theFolderHasVectors() {
        #expect(!TestVector.all.isEmpty)
    }

    @Test(arguments: TestVector.all)
    func vector(_ vector: TestVector) throws {
        try check(vector, piece: .max)
    }

    /// Reads that give less than was asked for change nothing.
    ///
    /// The files of many megabytes come in larger pieces, for the sake of time.
    @Test(arguments: TestVector.all)
    func vectorInSmallPieces(_ vector: TestVector) throws {
        try check(vector, piece: vector.file.count < 1 << 20 ? 1 : 1021)
    }

    private func check(_ vector: TestVector, piece: Int) throws {
        let (released, failure) = try outcome(of: vector, piece: piece)
        switch (vector.expect, failure) {
        case ("success", nil):
            #expect(try sha256(released) == vector.payload)
        case ("no match", .noMatch(let types)):
            #expect(!types.isEmpty)
        case ("HMAC failure", .headerAuthentication), ("header failure", .header), ("armor failure", .armor):
            #expect(released.isEmpty)
        case ("payload failure", .payload):
            // Only whole chunks are released, and the last one only when the file is right to its end.
            #expect(released.count % 65_536 == 0)
        default:
            Issue.record("expected \(vector.expect), got \(String(describing: failure))")
        }
    }

    /// What is released and how it fails with the first key that does more than not to match.
    private func outcome(of vector: TestVector, piece: Int) throws -> (released: [UInt8], failure: AgeError?) {
        var keys: [DecryptionKey] = []
        if !vector.identities.isEmpty {
            keys.append(.identities(try identities(vector.identities.joined(separator: "\n"))))
        }
        for text in vector.passphrases { keys.append(.passphrase(try passphrase(text))) }
        // Some vectors name no key: they fail before one is needed.
        if keys.isEmpty { keys.append(.passphrase(try passphrase("none"))) }
        var outcome: (released: [UInt8], failure: AgeError?) = ([], nil)
        for key in keys {
            var source = ChoppedSource(vector.file, piece: piece)
            var sink = RecordingSink()
            do throws(AgeError) {
                try Age.decrypt(from: &source, to: &sink, with: key)
                return (sink.bytes, nil)
            } catch {
                outcome = (sink.bytes, error)
                if case .noMatch = error { continue }
                return outcome
            }
        }
        return outcome
    }
}
