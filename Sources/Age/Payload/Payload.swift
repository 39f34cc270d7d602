import Sodium

/// The payload: chunks of 64 KiB, each sealed with a nonce of its number and whether it is the last.
///
/// C2SP age, section "Payload".
enum Payload {
    /// The size of the random nonce at the start of a payload.
    static let nonceSize = 16

    /// The plaintext size of a chunk; only the last may be smaller.
    static let chunkSize = 64 * 1024

    /// The number of chunks sealed or opened at once, after the first one: enough for several processors, and
    /// little memory where many files have one processor each.
    static var batchCount: Int { Share.hasHelpers ? 16 : 4 }

    /// The size of a full chunk with its tag.
    static let sealedSize = chunkSize + ChaCha20Poly1305.tagSize

    /// Works on chunks on all processors, beside other work on this thread.
    ///
    /// - Parameters:
    ///   - beside: what only this thread may do, such as to read from a source or to write to a sink.
    ///   - chunk: takes the number of a chunk, on any thread.
    /// - Throws: the error of `beside`, else one of a chunk.
    static func share(
        _ count: Int,
        beside: () throws(AgeError) -> Void,
        _ chunk: (Int) throws(AgeError) -> Void
    ) throws(AgeError) {
        let failure = Guarded<AgeError?>(nil)
        var failureBeside: AgeError?
        Share.run(count) {
            do throws(AgeError) {
                try beside()
            } catch {
                failureBeside = error
            }
        } _: { index in
            do throws(AgeError) {
                try chunk(index)
            } catch {
                failure.withLock { $0 = $0 ?? error }
            }
        }
        if let failure = failureBeside ?? failure.withLock({ $0 }) { throw failure }
    }
}
