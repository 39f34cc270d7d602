import Sodium
import System

/// The certificate authorities for the API server, in PEM form.
final class Authorities: Sendable {
    /// The largest file that is read.
    static let largestFile = 1 << 20

    /// The version of the file that they were read from.
    let version: FileVersion

    /// The content of the file.
    let bytes: [UInt8]

    /// What is wrong with the blocks of certificates in a file; nil where each may be one.
    ///
    /// TLS libraries refuse the whole file for one bad block, and do not say which.
    static func fault(in bytes: [UInt8]) -> String? {
        let (begin, end) = ("-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----")
        let lines = bytes.split(separator: UInt8(ascii: "\n")).map { line in
            String(decoding: line, as: UTF8.self).filter { !$0.isWhitespace || $0 == " " }
        }
        var count = 0
        var block: String?
        for line in lines {
            if line == begin {
                count += 1
                block = ""
            } else if line == end, let text = block {
                guard isCertificate(text) else { return "block \(count) of it is not a certificate" }
                block = nil
            } else if let text = block {
                block = text + line
            }
        }
        if count == 0 { return "it holds no certificate" }
        return block == nil ? nil : "block \(count) of it has no end"
    }

    /// Whether the Base64 of a block is that of a sequence, as every certificate is (X.690, 8.9).
    private static func isCertificate(_ base64: String) -> Bool {
        guard let decoded = try? SecretBytes.decoding(base64: base64.utf8.span) else { return false }
        return decoded.count > 2 && decoded.span[0] == 0x30
    }

    /// Takes the content of a file.
    init(_ bytes: [UInt8], version: FileVersion) {
        self.bytes = bytes
        self.version = version
    }

    /// Lends the bytes to C.
    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        unsafe bytes.withUnsafeBytes(body)
    }
}
