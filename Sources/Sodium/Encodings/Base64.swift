import CSodium

/// Base64 as in RFC 4648, section 4, canonical only (section 3.5), by libsodium.
public enum Base64 {
    /// Adds the characters for `bytes` to `text`, without padding.
    public static func encode(_ bytes: Span<UInt8>, into text: inout [UInt8]) {
        let size = (bytes.count * 4 + 2) / 3
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: size + 1) { room in
            guard let start = room.baseAddress, unsafe encode(bytes, unpadded, start, size + 1) else { return }
            unsafe text.append(contentsOf: room.prefix(size))
        }
    }

    /// Decodes unpadded `text`, and adds the bytes to `bytes`.
    ///
    /// - Returns: false if `text` is not canonical; nothing was added then.
    public static func decode(_ text: Span<UInt8>, into bytes: inout [UInt8]) -> Bool {
        decode(text, unpadded, into: &bytes)
    }

    /// As `decode`, for a string that ends in padding up to a multiple of four characters.
    public static func decodePadded(_ text: Span<UInt8>, into bytes: inout [UInt8]) -> Bool {
        decode(text, padded, into: &bytes)
    }

    /// The bytes of a string, if there are exactly `count`; nil otherwise.
    public static func bytes(of string: String, count: Int) -> [UInt8]? {
        guard string.utf8.count == (count * 4 + 2) / 3 else { return nil }
        let text = Array(string.utf8)
        var bytes: [UInt8] = []
        return decode(text.span, into: &bytes) && bytes.count == count ? bytes : nil
    }

    /// The variant with padding.
    static let padded = sodium_base64_VARIANT_ORIGINAL

    private static let unpadded = sodium_base64_VARIANT_ORIGINAL_NO_PADDING

    private static func decode(_ text: Span<UInt8>, _ variant: Int32, into bytes: inout [UInt8]) -> Bool {
        let room = text.count / 4 * 3 + 3
        return unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: room) { target in
            guard let start = target.baseAddress, let length = unsafe decode(text, variant, start, room) else {
                return false
            }
            unsafe bytes.append(contentsOf: target.prefix(length))
            return true
        }
    }

    /// Writes the characters and a NUL.
    ///
    /// - Returns: false where `room` is too small.
    static func encode(
        _ bytes: Span<UInt8>,
        _ variant: Int32,
        _ target: UnsafeMutablePointer<UInt8>,
        _ room: Int
    ) -> Bool {
        unsafe bytes.withPointer { source in
            unsafe target.withMemoryRebound(to: CChar.self, capacity: room) { characters in
                // libsodium ends the process for less room.
                guard room >= sodium_base64_encoded_len(bytes.count, variant) else { return false }
                return unsafe sodium_bin2base64(characters, room, source, bytes.count, variant) != nil
            }
        }
    }

    /// Writes the bytes.
    ///
    /// - Returns: how many; nil where the text is not canonical, or `room` is too small.
    static func decode(
        _ text: Span<UInt8>,
        _ variant: Int32,
        _ target: UnsafeMutablePointer<UInt8>,
        _ room: Int
    ) -> Int? {
        // libsodium expects ASCII.
        for index in text.indices where text[index] >= 0x80 { return nil }
        var length = 0
        let status = unsafe text.withPointer { source in
            unsafe source.withMemoryRebound(to: CChar.self, capacity: text.count) { characters in
                unsafe sodium_base642bin(target, room, characters, text.count, nil, &length, nil, variant)
            }
        }
        return status == 0 ? length : nil
    }
}
