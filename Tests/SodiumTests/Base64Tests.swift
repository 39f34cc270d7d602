import Foundation
import Sodium
import Testing

/// Base64 that is canonical, and everything else refused.
@Suite
struct Base64Tests {
    /// The bytes of a string; nil where it is refused.
    private func decode(_ text: [UInt8]) throws -> [UInt8]? {
        guard let bytes = try SecretBytes.decoding(base64: text.span) else { return nil }
        return bytes.withUnsafeBytes { Array($0) }
    }

    @Test
    func everyLengthIsRead() throws {
        for count in 0...300 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
            #expect(try decode(Array(Data(bytes).base64EncodedData())) == bytes)
        }
    }

    @Test
    func everyLengthIsWrittenAndReadWithoutPadding() throws {
        for count in 0...300 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
            var text = Array("before".utf8)
            Base64.encode(bytes.span, into: &text)
            let expected = String(Data(bytes).base64EncodedString().prefix { $0 != "=" })
            #expect(String(decoding: text, as: UTF8.self) == "before\(expected)")
            var read: [UInt8] = [1]
            #expect(Base64.decode(Array(expected.utf8).span, into: &read) && read == [1] + bytes)
            #expect(Base64.bytes(of: expected, count: count) == bytes)
            #expect(Base64.bytes(of: expected, count: count + 1) == nil)
        }
    }

    @Test(arguments: ["A", "AB", "AAB", "AAAAA", "AA==", "AAA=", "=", "AA A", "AAA\n", "AA-_", "AA\u{0}A", "éé"])
    func whatIsNotCanonicalIsRefusedWithoutPadding(text: String) {
        var read: [UInt8] = []
        #expect(!Base64.decode(Array(text.utf8).span, into: &read) && read.isEmpty)
    }

    @Test(arguments: [
        "A", "AA", "AAA", "AAAAA", "=", "==", "===", "====", "A===", "AA=", "AB==", "AAB=", "AA==AA==", "AAAA=",
        "AAAA====", "AA A", "AAA\n", "AAAA\n", "AAAA\n\n\n\n", " AAA", "AA-_", "AA*A", "AA\u{0}A", "éé",
        "AA==\u{0}\u{0}\u{0}\u{0}",
    ])
    func whatIsNotCanonicalIsRefused(text: String) throws {
        #expect(try decode(Array(text.utf8)) == nil)
    }

    @Test
    func oneOtherByteAnywhereIsRefused() throws {
        let alphabet = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        for place in 0..<8 {
            for byte in UInt8.min...UInt8.max {
                var text = Array("QUJDREVG".utf8)
                text[place] = byte
                // Padding may stand in the last place, where the bits before it are 0.
                let isTaken = try decode(text) != nil
                #expect(isTaken == alphabet.contains(byte) || byte == UInt8(ascii: "="))
            }
        }
    }
}
