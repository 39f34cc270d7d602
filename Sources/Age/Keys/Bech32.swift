import Sodium

/// Bech32 as in BIP 173, without its limit on the length (C2SP age, "Conventions used in this document").
///
/// Secrets pass through here: groups of five bits go straight from one secret memory to the other, and no table is
/// indexed by them when they are read.
enum Bech32 {
    /// Why a string is not Bech32.
    enum Failure: Error, Equatable {
        case prefix
        case mixedCase
        case character
        case length
        case padding
        case checksum
        case memory(SodiumError)

        /// The reason, for a message.
        var reason: String {
            switch self {
            case .prefix: "the wrong kind of key"
            case .mixedCase: "upper and lower case are mixed"
            case .character: "an invalid character"
            case .length: "the wrong length"
            case .padding: "bits are left over"
            case .checksum: "the checksum is wrong: there is a typing error, or a part is missing"
            case .memory: "no memory"
            }
        }
    }

    /// The characters in the order of BIP 173, section "Bech32".
    private static let charset = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)

    /// The coefficients of the checksum (BIP 173, section "Checksum").
    private static let generator: [UInt32] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3]

    /// How many characters the checksum has.
    private static let checksumSize = 6

    /// Decodes `text`, whose human-readable part and case must be those of `prefix`, and adds the bytes to `bytes`.
    static func decode(
        _ text: Span<UInt8>,
        prefix: String,
        into bytes: inout SecretBytes
    ) throws(Failure) {
        guard text.hasPrefix(prefix + "1") else { throw .prefix }
        let data = text.extracting(droppingFirst: prefix.utf8.count + 1)
        guard data.count >= checksumSize else { throw .length }
        let isUpper = prefix.utf8.contains { isUpperCase($0) }
        let start = bytes.count
        do throws(Failure) {
            try decode(data, isUpper: isUpper, checksum: checksum(ofPrefix: prefix), into: &bytes)
        } catch {
            bytes.truncate(to: start)
            throw error
        }
    }

    /// Decodes the data part and its checksum.
    private static func decode(
        _ data: Span<UInt8>,
        isUpper: Bool,
        checksum: UInt32,
        into bytes: inout SecretBytes
    ) throws(Failure) {
        var checksum = checksum
        var bits: UInt32 = 0
        var bitCount: UInt32 = 0
        for index in data.indices {
            let value = try value(of: data[index], isUpper: isUpper)
            checksum = polymod(checksum, value)
            guard index < data.count - checksumSize else { continue }
            bits = bits << 5 | value
            bitCount += 5
            guard bitCount >= 8 else { continue }
            bitCount -= 8
            try mapError(Failure.memory, bytes.append(UInt8(truncatingIfNeeded: bits >> bitCount)))
        }
        guard checksum == 1 else { throw .checksum }
        guard bitCount < 5, bits & (1 << bitCount - 1) == 0 else { throw .padding }
    }

    /// Encodes bytes; a prefix in upper case makes a string in upper case.
    static func encode(_ bytes: Span<UInt8>, prefix: String) throws(SodiumError) -> SecretBytes {
        let isUpper = prefix.utf8.contains { isUpperCase($0) }
        var text = try SecretBytes(minimumCapacity: prefix.utf8.count + bytes.count * 2 + 8)
        try text.append(utf8: prefix + "1")
        var checksum = checksum(ofPrefix: prefix)
        var bits: UInt32 = 0
        var bitCount: UInt32 = 0
        for index in bytes.indices {
            bits = bits << 8 | UInt32(bytes[index])
            bitCount += 8
            while bitCount >= 5 {
                bitCount -= 5
                let value = bits >> bitCount & 31
                checksum = polymod(checksum, value)
                try text.append(character(for: value, isUpper: isUpper))
            }
        }
        if bitCount > 0 {
            let value = bits << (5 - bitCount) & 31
            checksum = polymod(checksum, value)
            try text.append(character(for: value, isUpper: isUpper))
        }
        for _ in 0..<checksumSize { checksum = polymod(checksum, 0) }
        checksum ^= 1
        for index in 0..<checksumSize {
            let value = checksum >> UInt32(5 * (checksumSize - 1 - index)) & 31
            try text.append(character(for: value, isUpper: isUpper))
        }
        return text
    }

    /// The checksum after one more group (BIP 173, section "Checksum").
    private static func polymod(_ checksum: UInt32, _ value: UInt32) -> UInt32 {
        let top = checksum >> 25
        var next = (checksum & 0x1ff_ffff) << 5 ^ value
        for index in 0..<5 {
            // All ones where the bit is set: no branch on what may be secret.
            let mask = 0 &- (top >> UInt32(index) & 1)
            next ^= generator[index] & mask
        }
        return next
    }

    /// The checksum of the expanded human-readable part, always of its lower case.
    private static func checksum(ofPrefix prefix: String) -> UInt32 {
        var checksum: UInt32 = 1
        for byte in prefix.utf8 { checksum = polymod(checksum, UInt32(lowerCase(byte) >> 5)) }
        checksum = polymod(checksum, 0)
        for byte in prefix.utf8 { checksum = polymod(checksum, UInt32(lowerCase(byte) & 31)) }
        return checksum
    }

    /// The group that a character stands for.
    private static func value(of character: UInt8, isUpper: Bool) throws(Failure) -> UInt32 {
        let isLetter = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(character | 0x20)
        if isLetter, isUpperCase(character) != isUpper { throw .mixedCase }
        let wanted = isLetter ? lowerCase(character) : character
        var value: UInt32 = 0
        var found: UInt32 = 0
        for index in 0..<32 {
            let mask: UInt32 = charset[index] == wanted ? .max : 0
            value |= UInt32(index) & mask
            found |= mask
        }
        guard found != 0 else { throw .character }
        return value
    }

    /// The character for a group.
    private static func character(for value: UInt32, isUpper: Bool) -> UInt8 {
        let character = charset[Int(value & 31)]
        let isLetter = character >= UInt8(ascii: "a")
        return isUpper && isLetter ? character & ~0x20 : character
    }

    /// Whether a byte is a letter from A to Z.
    private static func isUpperCase(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }

    /// A byte in lower case, where it is a letter from A to Z.
    private static func lowerCase(_ byte: UInt8) -> UInt8 {
        isUpperCase(byte) ? byte | 0x20 : byte
    }
}
