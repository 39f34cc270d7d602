import Sodium
import Testing

struct FingerprintTests {
    /// RFC 8439, section 2.5.2.
    @Test func poly1305IsThatOfTheSpecification() throws {
        let key = try #require(
            Fingerprint.Key(hex: "85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b")
        )
        let message = Array("Cryptographic Forum Research Group".utf8)
        #expect(try fingerprint(of: message, key).hex == "a8061dc1305136c6c22b8baf0c0127a9")
    }

    @Test(arguments: [0, 1, 15, 16, 17, 65_535, 65_536, 200_001])
    func piecesDoNotMatter(size: Int) throws {
        let key = try Fingerprint.Key.random()
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
        let whole = try fingerprint(of: bytes, key)
        for piece in [1, 16, 100, 65_536] { #expect(try fingerprint(of: bytes, key, piece: piece) == whole) }
        guard size > 0 else { return }
        for index in [0, size / 2, size - 1] {
            var changed = bytes
            changed[index] ^= 0x10
            #expect(try fingerprint(of: changed, key) != whole)
        }
        #expect(try fingerprint(of: bytes + [0], key) != whole)
        #expect(try fingerprint(of: bytes, .random()) != whole)
    }

    @Test func keysAndDigestsAreReadBackAsTheyAreWritten() throws {
        let key = try Fingerprint.Key.random()
        #expect(Fingerprint.Key(hex: key.hex) == key)
        #expect(try Fingerprint.Key.random() != key)
        for text in malformed(key.hex) { #expect(Fingerprint.Key(hex: text) == nil) }
        let digest = try fingerprint(of: [1, 2, 3], key)
        #expect(Fingerprint.Digest(hex: digest.hex) == digest)
        for text in malformed(digest.hex) { #expect(Fingerprint.Digest(hex: text) == nil) }
    }

    private func malformed(_ hex: String) -> [String] {
        ["", hex + "0", String(hex.dropLast()), "g" + hex.dropFirst(), "A" + hex.dropFirst(), " " + hex.dropFirst()]
    }

    private func fingerprint(
        of bytes: [UInt8],
        _ key: Fingerprint.Key,
        piece: Int = .max
    ) throws -> Fingerprint.Digest {
        var running = try Fingerprint(key: key)
        var rest = bytes[...]
        while !rest.isEmpty {
            running.update(Array(rest.prefix(piece)).span)
            rest = rest.dropFirst(piece)
        }
        return running.finish()
    }
}
