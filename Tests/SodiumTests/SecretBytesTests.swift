import Sodium
import Testing

@Suite
struct SecretBytesTests {
    @Test
    func growsAndKeepsItsBytes() throws {
        var secret = try SecretBytes(minimumCapacity: 0)
        #expect(secret.count == 0)
        var expected: [UInt8] = []
        for number in 0..<200_000 {
            let byte = UInt8(truncatingIfNeeded: number &* 31)
            try secret.append(byte)
            expected.append(byte)
        }
        #expect(copy(secret) == expected)
        try secret.append(expected.span)
        #expect(copy(secret) == expected + expected)
    }

    @Test
    func appendsStringsAlsoEmptyOnes() throws {
        var secret = try SecretBytes(copying: Array("a".utf8).span)
        try secret.append(utf8: "bc\u{E9}\u{1F600}")
        try secret.append(utf8: "")
        try secret.append([UInt8]().span)
        #expect(copy(secret) == Array("abc\u{E9}\u{1F600}".utf8))
    }

    @Test
    func truncatesAndWipesTheRest() throws {
        var secret = try SecretBytes(copying: [1, 2, 3, 4, 5].span)
        secret.truncate(to: 9)
        secret.truncate(to: -1)
        #expect(secret.count == 5)
        secret.truncate(to: 2)
        #expect(copy(secret) == [1, 2])
        let behind = secret.withUnsafeBytes { bytes in
            bytes.baseAddress.map { Array(UnsafeRawBufferPointer(start: $0 + 2, count: 3)) }
        }
        #expect(behind == [0, 0, 0])
        try secret.append(7)
        #expect(copy(secret) == [1, 2, 7])
        secret.truncate(to: 0)
        #expect(secret.count == 0)
    }

    @Test
    func changesInPlace() throws {
        var secret = try SecretBytes(count: 3)
        var span = secret.mutableSpan
        span[1] = 9
        #expect(copy(secret) == [0, 9, 0])
    }

    @Test(arguments: [1, 32, 4080, 4081, 69_616, 69_617, 300_000])
    func aBlockComesBackAsZeros(size: Int) throws {
        for _ in 0..<50 {
            let fresh = try SecretBytes(count: size)
            #expect(fresh.withUnsafeBytes { $0.allSatisfy { $0 == 0 } })
            var used = try SecretBytes(count: size)
            used.withUnsafeMutableBytes { _ = $0.initializeMemory(as: UInt8.self, repeating: 0xA5) }
        }
    }

    @Test
    func aBlockIsUsedAgain() throws {
        // Other tests take blocks at the same time, so one try may miss.
        var addresses: [UInt] = []
        for _ in 0..<100 {
            let secret = try SecretBytes(count: 100)
            addresses.append(secret.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) })
        }
        #expect(Set(addresses).count < addresses.count)
    }

    @Test
    func manyAtOnceAreApart() throws {
        /// Something that can be put into an array.
        final class Box {
            var secret: SecretBytes
            init(_ byte: UInt8) throws {
                secret = try SecretBytes(copying: [byte, byte].span)
            }
        }
        let boxes = try (0..<200).map { try Box(UInt8($0)) }
        for (number, box) in boxes.enumerated() {
            #expect(copy(box.secret) == [UInt8(number), UInt8(number)])
        }
    }

    @Test(arguments: [-1, Int.min, Int.max, Int.max / 2, 1 << 50])
    func impossibleLengthsAreErrors(count: Int) {
        #expect(throws: SodiumError.outOfMemory) { _ = try SecretBytes(count: count).count }
        #expect(throws: SodiumError.outOfMemory) { _ = try SecretBytes(minimumCapacity: count).count }
    }

    @Test(arguments: [([1, 2, 3], true), ([1, 2, 4], false), ([1, 2], false), ([], false)] as [([UInt8], Bool)])
    func comparesInConstantTime(other: [UInt8], isEqual: Bool) {
        let one: [UInt8] = [1, 2, 3]
        let result = SecretBytes.constantTimeEquals(one.span, other.span)
        #expect(result == isEqual)
        let toItself = SecretBytes.constantTimeEquals(other.span, other.span)
        #expect(toItself)
    }

    @Test
    func randomBytesDiffer() throws {
        let first = try Random.bytes(count: 32)
        #expect(first.count == 32)
        #expect(first != (try Random.bytes(count: 32)))
        #expect(try Random.bytes(count: 0).isEmpty)
        #expect(throws: SodiumError.outOfMemory) { try Random.bytes(count: -1) }
    }
}
