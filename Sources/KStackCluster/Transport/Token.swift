import Documents
import KStackAny
import Sodium
import System

/// The token of the service account, in secret memory.
final class Token: Sendable {
    /// The largest file that is read.
    static let largestFile = 64 << 10

    /// The version of the file that it was read from.
    let version: FileVersion

    /// The string, NUL-terminated.
    private let text: SecretBytes

    /// Takes the content of a file, with or without a line break at its end.
    ///
    /// - Returns: nil where it is empty, or cannot be part of a header.
    static func make(_ content: consuming SecretBytes, version: FileVersion) throws(KStackError) -> Token? {
        var content = content
        while let last = content.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") {
            content.truncate(to: content.count - 1)
        }
        guard content.isPrintable else { return nil }
        try mapError(KStackError.memory, content.append(0))
        return Token(text: content, version: version)
    }

    /// Why the token is not accepted, by its own claims: it has expired, or is for another audience; nil where it
    /// does not say.
    var doubt: String? { Self.doubt(in: text) }

    private static func doubt(in text: borrowing SecretBytes) -> String? {
        let bytes = text.span
        var dots: [Int] = []
        for index in bytes.indices where bytes[index] == UInt8(ascii: ".") && dots.count < 3 { dots.append(index) }
        guard dots.count == 2, let payload = payload(bytes.extracting(dots[0] + 1..<dots[1])),
            let claims = try? Document.parse(json: payload.span).root
        else { return nil }
        if let text = claims["exp"]?.string, let end = Int(text), end < WallClock.seconds {
            return "it expired \(WallClock.seconds - end) s ago; kubelet renews it; check that the mount is up to date"
        }
        guard let audiences = claims["aud"] else { return nil }
        let listed = (0..<audiences.count).lazy.compactMap { audiences.element(at: $0) }
        let names = (audiences.isText ? [audiences] : Array(listed.filter(\.isText).prefix(64))).compactMap(\.string)
        let words = names.lazy.flatMap { $0.split(whereSeparator: { !$0.isLetter }) }
        guard !names.isEmpty, !words.contains("kubernetes") else { return nil }
        return
            "it is for \(names.prefix(4).map { KStackError.quoted($0) }.joined(separator: ", ")) (aud), and not for the API "
            + "server"
    }

    /// The decoded payload, which is Base64 in the alphabet for URLs, without padding.
    private static func payload(_ encoded: Span<UInt8>) -> SecretBytes? {
        guard var base64 = try? SecretBytes(copying: encoded) else { return nil }
        var span = base64.mutableSpan
        for index in span.indices {
            if span[index] == UInt8(ascii: "-") { span[index] = UInt8(ascii: "+") }
            if span[index] == UInt8(ascii: "_") { span[index] = UInt8(ascii: "/") }
        }
        for _ in 0..<((4 - encoded.count % 4) % 4) {
            guard (try? base64.append(UInt8(ascii: "="))) != nil else { return nil }
        }
        guard let decoded = try? SecretBytes.decoding(base64: base64.span) else { return nil }
        return decoded
    }

    private init(text: consuming SecretBytes, version: FileVersion) {
        self.text = text
        self.version = version
    }

    /// Lends the string to C.
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
