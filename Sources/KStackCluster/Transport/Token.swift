import KStackAny
import Sodium
import System

/// The token of the service account, in secret memory.
final class Token: Sendable {
    /// The largest file that is taken for a token.
    static let largestFile = 64 << 10

    /// The version of the file that it was read from.
    let version: FileVersion

    /// The text, with a NUL behind it.
    private let text: SecretBytes

    /// Takes the content of a file, with or without a line break at its end.
    ///
    /// - Returns: nil where it is empty or holds what cannot be part of a header.
    static func make(_ content: consuming SecretBytes, version: FileVersion) throws(KStackError) -> Token? {
        var content = content
        while let last = content.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") {
            content.truncate(to: content.count - 1)
        }
        guard content.isPrintable else { return nil }
        do throws(SodiumError) {
            try content.append(0)
        } catch {
            throw KStackError(error)
        }
        return Token(text: content, version: version)
    }

    private init(text: consuming SecretBytes, version: FileVersion) {
        self.text = text
        self.version = version
    }

    /// Lends the text to C.
    func withUnsafeText<Result>(_ body: (UnsafePointer<CChar>?) -> Result) -> Result {
        unsafe text.withUnsafeBytes { unsafe body($0.baseAddress?.assumingMemoryBound(to: CChar.self)) }
    }
}

extension SecretBytes {
    /// The last byte; nil where there is none.
    fileprivate var last: UInt8? {
        let bytes = span
        return bytes.isEmpty ? nil : bytes[bytes.count - 1]
    }

    /// Whether there are bytes, and all of them are visible characters of ASCII.
    fileprivate var isPrintable: Bool {
        let bytes = span
        for index in bytes.indices where !(0x21...0x7E).contains(bytes[index]) { return false }
        return !bytes.isEmpty
    }
}
