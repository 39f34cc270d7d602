import Sodium
import Testing

/// Small blocks share slabs, larger ones have their own memory.
@Suite
struct LockedPoolTests {
    @Test
    func blocksOfAllSizesAreZeroAndApart() throws {
        let sizes = [0, 1, 15, 16, 95, 96, 97, 224, 480, 992, 2016, 4064, 4065, 65536, 69_000, 70_000, 1 << 20]
        for round in 0..<3 {
            var first = try SecretBytes(count: 0)
            for size in sizes {
                var bytes = try SecretBytes(count: size)
                #expect(bytes.withUnsafeBytes { $0.allSatisfy { $0 == 0 } }, "\(size) in round \(round)")
                bytes.withUnsafeMutableBytes { for index in $0.indices { $0[index] = 0xA5 } }
                first = bytes
            }
            #expect(first.count == 1 << 20)
        }
    }

    @Test
    func manyLiveBlocksKeepTheirBytes() throws {
        final class Block {
            let bytes: SecretBytes

            init(_ number: Int) throws {
                let text = Array("number \(number)".utf8)
                bytes = try SecretBytes(copying: text.span)
            }
        }
        var blocks: [Block?] = []
        for number in 0..<5000 { blocks.append(try Block(number)) }
        for number in stride(from: 0, to: 5000, by: 2) { blocks[number] = nil }
        for number in stride(from: 0, to: 5000, by: 2) { blocks[number] = try Block(number) }
        for (number, block) in blocks.enumerated() {
            #expect(block?.bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } == "number \(number)")
        }
    }

    @Test
    func threadsShareTheSlabs() async {
        await withTaskGroup(of: Bool.self) { group in
            for number in UInt8(0)..<8 {
                group.addTask {
                    for round in 0..<2000 {
                        guard var bytes = try? SecretBytes(count: 1 + round % 300) else { return false }
                        bytes.withUnsafeMutableBytes { for index in $0.indices { $0[index] = number } }
                        guard bytes.withUnsafeBytes({ $0.allSatisfy { $0 == number } }) else { return false }
                    }
                    return true
                }
            }
            for await isGood in group { #expect(isGood) }
        }
    }
}
