import Sodium

/// Counts the chunks of a payload and makes their nonces: 11 bytes of number, one byte that marks the last chunk.
struct ChunkCounter {
    /// The number of the next chunk; 64 of the 88 bits are more than any source can fill.
    private var number: UInt64 = 0

    /// Whether no chunk was counted yet.
    var isFirst: Bool { number == 0 }

    /// The nonces of the next chunks, of which the last may be the last of all.
    mutating func next(_ count: Int, endsWithLast: Bool) throws(AgeError) -> [ChaCha20Poly1305.Nonce] {
        var nonces: [ChaCha20Poly1305.Nonce] = []
        nonces.reserveCapacity(count)
        for position in 1...max(count, 1) { nonces.append(try next(isLast: endsWithLast && position == count)) }
        return nonces
    }

    /// The nonce of the next chunk.
    private mutating func next(isLast: Bool) throws(AgeError) -> ChaCha20Poly1305.Nonce {
        var nonce = ChaCha20Poly1305.Nonce(repeating: 0)
        for index in 0..<8 {
            nonce[3 + index] = UInt8(truncatingIfNeeded: number >> UInt64(56 - 8 * index))
        }
        nonce[11] = isLast ? 1 : 0
        let (next, overflow) = number.addingReportingOverflow(1)
        guard !overflow else { throw .payload(reason: "too many chunks") }
        number = next
        return nonce
    }
}
