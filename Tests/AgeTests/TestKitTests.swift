import Age
import Testing

/// The vectors that every age implementation is held to.
@Suite(.enabled(if: TestVector.classical != nil, "KSTACK_AGE_TESTKIT is not set: the age test vectors were not run"))
struct TestKitTests {
    @Test func theFolderHasVectors() {
        #expect(TestVector.classical?.isEmpty == false)
    }

    @Test(arguments: TestVector.classical ?? [])
    func vector(_ vector: TestVector) throws {
        try vector.check(piece: .max)
    }

    /// Reads that give less than was asked for change nothing.
    ///
    /// The files of many megabytes come in larger pieces, for the sake of time.
    @Test(arguments: TestVector.classical ?? [])
    func vectorInSmallPieces(_ vector: TestVector) throws {
        try vector.check(piece: vector.file.count < 1 << 20 ? 1 : 1021)
    }
}

/// As above, for post-quantum recipients.
@Suite(
    .enabled(if: Age.hasPostQuantum, "built with PQ=0: post-quantum recipients were not tested"),
    .enabled(
        if: TestVector.hybrid != nil,
        "KSTACK_AGE_TESTKIT_HYBRID is not set: the age test vectors of post-quantum recipients were not run"
    )
)
struct HybridTestKitTests {
    @Test func theFolderHasVectors() {
        #expect(TestVector.hybrid?.isEmpty == false)
    }

    @Test(arguments: TestVector.hybrid ?? [])
    func vector(_ vector: TestVector) throws {
        try vector.check(piece: .max)
        try vector.check(piece: 1)
    }
}

extension TestVector {
    /// Decrypts the file in pieces, and compares with the expected result.
    fileprivate func check(piece: Int) throws {
        let (released, failure) = try outcome(piece: piece)
        switch (expect, failure) {
        case ("success", nil):
            #expect(try sha256(released) == payload)
        case ("no match", .noMatch(let types)):
            #expect(!types.isEmpty)
        case ("HMAC failure", .headerAuthentication), ("header failure", .header), ("armor failure", .armor):
            #expect(released.isEmpty)
        case ("payload failure", .payload):
            // Only whole chunks are released, and the last one only when the file is right to its end.
            #expect(released.count % chunkSize == 0)
        default:
            Issue.record("expected \(expect), got \(String(describing: failure))")
        }
    }

    /// The released plaintext and the error, with the first key that matches.
    private func outcome(piece: Int) throws -> (released: [UInt8], failure: AgeError?) {
        var keys: [DecryptionKey] = []
        if !identities.isEmpty {
            let read = try AgeTests.identities(identities.joined(separator: "\n"))
            keys.append(.identities(read))
        }
        for text in passphrases { keys.append(.passphrase(try passphrase(text))) }
        // Some vectors name no key: they fail before one is needed.
        if keys.isEmpty { keys.append(.passphrase(try passphrase("none"))) }
        var outcome: (released: [UInt8], failure: AgeError?) = ([], nil)
        for key in keys {
            var source = ChoppedSource(file, piece: piece)
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
