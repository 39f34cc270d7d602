import CSodium

extension SecretBytes {
    /// The bytes that a string in base64 stands for, with padding and nothing beside it (RFC 4648, section 4).
    ///
    /// - Returns: nil where the string is not that.
    public static func decoding(base64 text: Span<UInt8>) throws(SodiumError) -> SecretBytes? {
        // libsodium's look-up of a character is made for ASCII.
        guard text.count % 4 == 0, text.isASCII else { return nil }
        var bytes = try SecretBytes(count: text.count / 4 * 3)
        let room = bytes.count
        var length = 0
        let status = unsafe bytes.withMutablePointer { target in
            unsafe text.withPointer { source in
                unsafe source.withMemoryRebound(to: CChar.self, capacity: text.count) { characters in
                    unsafe sodium_base642bin(
                        target,
                        room,
                        characters,
                        text.count,
                        nil,
                        &length,
                        nil,
                        sodium_base64_VARIANT_ORIGINAL
                    )
                }
            }
        }
        guard status == 0 else { return nil }
        bytes.truncate(to: length)
        return bytes
    }
}

extension SecretBytes {
    /// Bytes in base64, with padding (RFC 4648, section 4).
    public static func base64(of bytes: Span<UInt8>) throws(SodiumError) -> SecretBytes {
        // Four characters for three bytes, and the NUL that libsodium adds.
        let size = (bytes.count + 2) / 3 * 4
        var text = try SecretBytes(count: size + 1)
        let status = unsafe text.withMutablePointer { target in
            unsafe bytes.withPointer { source in
                unsafe target.withMemoryRebound(to: CChar.self, capacity: size + 1) { characters in
                    unsafe sodium_bin2base64(
                        characters,
                        size + 1,
                        source,
                        bytes.count,
                        sodium_base64_VARIANT_ORIGINAL
                    ) != nil
                }
            }
        }
        guard status else { throw .invalidLength }
        text.truncate(to: size)
        return text
    }
}

extension Span<UInt8> {
    /// Whether all bytes are below 128.
    fileprivate var isASCII: Bool {
        for index in indices where self[index] >= 0x80 { return false }
        return true
    }
}
