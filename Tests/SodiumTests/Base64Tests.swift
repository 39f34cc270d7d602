import Foundation
import Sodium
import Testing

/// Base64 that is canonical, and everything else refused.
@Suite
struct Base64Tests {
    /// The bytes of a text; nil where it is refused.
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
