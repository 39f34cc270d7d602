extension SecretBytes {
    /// Decodes base64, with padding and nothing else (RFC 4648, section 4).
    ///
    /// - Returns: nil for any other string.
    public static func decoding(base64 text: Span<UInt8>) throws(SodiumError) -> SecretBytes? {
        guard text.count % 4 == 0 else { return nil }
        var bytes = try SecretBytes(count: text.count / 4 * 3)
        let room = bytes.count
        let length = unsafe bytes.withMutablePointer { unsafe Base64.decode(text, Base64.padded, $0, room) }
        guard let length else { return nil }
        bytes.truncate(to: length)
        return bytes
    }

    /// Bytes in base64, with padding (RFC 4648, section 4).
    public static func base64(of bytes: Span<UInt8>) throws(SodiumError) -> SecretBytes {
        // Four characters for three bytes, and the NUL that libsodium adds.
        let size = (bytes.count + 2) / 3 * 4
        var text = try SecretBytes(count: size + 1)
        let isDone = unsafe text.withMutablePointer { unsafe Base64.encode(bytes, Base64.padded, $0, size + 1) }
        guard isDone else { throw .invalidLength }
        text.truncate(to: size)
        return text
    }
}
