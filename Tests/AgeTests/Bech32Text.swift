/// A second, plain Bech32 encoder (BIP 173), to make keys that are well formed and wrong.
enum Bech32Text {
    private static let charset = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l")

    /// Groups of five bits from bytes, zeros at the end.
    static func groups(_ bytes: [UInt8]) -> [UInt8] {
        let bits = bytes.flatMap { byte in (0..<8).map { byte >> (7 - $0) & 1 } }
        return stride(from: 0, to: bits.count, by: 5).map { start in
            (0..<5).reduce(0) { $0 << 1 | (start + $1 < bits.count ? bits[start + $1] : 0) }
        }
    }

    /// The string of groups with a checksum; `final` is 1, or another constant for other checksums.
    static func encode(_ prefix: String, _ groups: [UInt8], final: UInt32 = 1) -> String {
        let lower = Array(prefix.lowercased().utf8)
        let expanded = lower.map { $0 >> 5 } + [0] + lower.map { $0 & 31 }
        let checksum = polymod(expanded + groups + [0, 0, 0, 0, 0, 0]) ^ final
        let tail = (0..<6).map { UInt8(checksum >> UInt32(5 * (5 - $0)) & 31) }
        let data = String((groups + tail).map { charset[Int($0)] })
        return prefix + "1" + (prefix == prefix.uppercased() ? data.uppercased() : data)
    }

    private static func polymod(_ values: [UInt8]) -> UInt32 {
        let generator: [UInt32] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3]
        var checksum: UInt32 = 1
        for value in values {
            let top = checksum >> 25
            checksum = (checksum & 0x1ff_ffff) << 5 ^ UInt32(value)
            for index in 0..<5 where top >> UInt32(index) & 1 == 1 { checksum ^= generator[index] }
        }
        return checksum
    }
}
