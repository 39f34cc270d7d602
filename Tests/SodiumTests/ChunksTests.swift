import Sodium
import Testing

/// Chunks that are sealed and opened together are those that are sealed and opened one by one.
struct ChunksTests {
    private static let size = 100
    private static let sealedSize = size + ChaCha20Poly1305.tagSize
    private let key = [UInt8](repeating: 7, count: 32)

    @Test(arguments: [0, 1, 99, 100, 101, 200, 1_650])
    func areAsOneByOne(count: Int) throws {
        let plaintext = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let nonces = nonces(max(1, (count + 99) / 100))
        var expected: [UInt8] = []
        for (index, nonce) in nonces.enumerated() {
            let chunk = Array(plaintext.dropFirst(index * Self.size).prefix(Self.size))
            var output = [UInt8](repeating: 0, count: chunk.count + ChaCha20Poly1305.tagSize)
            var span = output.mutableSpan
            try ChaCha20Poly1305.seal(chunk.span, key: key.span, nonce: nonce, into: &span)
            expected += output
        }
        let sealed = try seal(plaintext, nonces, room: expected.count)
        #expect(sealed == expected)
        let (opened, output) = try open(sealed, nonces, room: count)
        #expect(opened == nonces.count)
        #expect(output == plaintext)
        for damaged in 0..<nonces.count {
            var changed = sealed
            changed[damaged * Self.sealedSize] ^= 1
            #expect(try open(changed, nonces, room: count).opened == damaged)
        }
    }

    @Test func wrongLengthsAreRefused() throws {
        let sealed = try seal([UInt8](repeating: 1, count: 250), nonces(3), room: 298)
        for (count, room) in [(2, 298), (4, 298), (0, 298), (3, 297)] {
            #expect(throws: SodiumError.invalidLength) {
                try seal([UInt8](repeating: 1, count: 250), nonces(count), room: room)
            }
        }
        let misfits = [(298, 2, 250), (298, 4, 250), (298, 3, 249), (247, 3, 250), (0, 0, 0), (15, 1, 0)]
        for (length, count, room) in misfits {
            #expect(throws: SodiumError.invalidLength) {
                try open(Array(sealed.prefix(length)), nonces(count), room: room)
            }
        }
    }

    private func nonces(_ count: Int) -> [ChaCha20Poly1305.Nonce] {
        (0..<count).map { number in
            var nonce = ChaCha20Poly1305.Nonce(repeating: 0)
            nonce[0] = UInt8(number)
            return nonce
        }
    }

    private func seal(
        _ plaintext: [UInt8],
        _ nonces: [ChaCha20Poly1305.Nonce],
        room: Int
    ) throws(SodiumError) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: room)
        var span = output.mutableSpan
        try ChaCha20Poly1305.seal(
            chunksOf: Self.size,
            in: plaintext.span,
            key: key.span,
            nonces: nonces,
            into: &span
        )
        return output
    }

    private func open(
        _ ciphertext: [UInt8],
        _ nonces: [ChaCha20Poly1305.Nonce],
        room: Int
    ) throws(SodiumError) -> (opened: Int, output: [UInt8]) {
        var output = [UInt8](repeating: 0, count: room)
        var span = output.mutableSpan
        let opened = try ChaCha20Poly1305.open(
            chunksOf: Self.sealedSize,
            in: ciphertext.span,
            key: key.span,
            nonces: nonces,
            into: &span
        )
        return (opened, output)
    }
}
