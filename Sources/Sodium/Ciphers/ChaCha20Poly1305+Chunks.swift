import CHost

/// Many chunks at once, on all processors that the library does not use otherwise.
extension ChaCha20Poly1305 {
    /// Consecutive chunks, shared by the threads; it outlives their work.
    @unsafe
    private struct Chunks {
        let input: UnsafePointer<UInt8>
        let inputCount: Int
        let inputSize: Int
        let output: UnsafeMutablePointer<UInt8>
        let outputSize: Int
        let key: UnsafePointer<UInt8>
        let nonces: UnsafePointer<Nonce>

        /// Whether each chunk is authentic; nil where chunks are sealed.
        let authentic: UnsafeMutablePointer<Bool>?

        /// The start and the length of a chunk in the input; the last may be shorter.
        func place(of index: Int) -> (start: UnsafePointer<UInt8>, count: Int) {
            let offset = unsafe index * inputSize
            return unsafe (input + offset, min(inputSize, inputCount - offset))
        }

        func nonce(of index: Int) -> UnsafePointer<UInt8> {
            unsafe UnsafeRawPointer(nonces + index).assumingMemoryBound(to: UInt8.self)
        }
    }

    /// Encrypts chunks of `size` bytes, of which the last may be shorter, one for each nonce.
    ///
    /// The ciphertexts, each `tagSize` bytes longer, follow one another in the output.
    ///
    /// - Throws: `invalidLength` for a key of another length than 32 bytes, for more or fewer nonces than chunks, or
    ///   for an output that is too short.
    public static func seal(
        chunksOf size: Int,
        in plaintext: Span<UInt8>,
        key: Span<UInt8>,
        nonces: [Nonce],
        into output: inout MutableSpan<UInt8>
    ) throws(SodiumError) {
        // An empty file is one empty chunk.
        let count = max(1, chunkCount(plaintext.count, size))
        let needed = plaintext.count + count * tagSize
        guard key.count == keySize, size > 0, nonces.count == count, output.count >= needed else {
            throw .invalidLength
        }
        unsafe withChunks(plaintext, size, key, nonces, &output, size + tagSize, nil) { chunks in
            unsafe chost_share(
                count,
                { context, index in
                    guard let chunks = unsafe context?.assumingMemoryBound(to: Chunks.self).pointee else { return }
                    let (start, count) = unsafe chunks.place(of: index)
                    let output = unsafe chunks.output + index * chunks.outputSize
                    unsafe ChaCha20Poly1305.seal(start, count, chunks.key, chunks.nonce(of: index), into: output)
                },
                chunks
            )
        }
    }

    /// Decrypts chunks of `size` bytes, tags included, of which the last may be shorter, one for each nonce.
    ///
    /// The plaintexts follow one another in the output.
    ///
    /// - Returns: how many are authentic, up to the first that is not; use only the output of those.
    /// - Throws: `invalidLength` for a key of another length than 32 bytes, for more or fewer nonces than chunks, for a
    ///   chunk shorter than a tag, or for an output that is too short.
    public static func open(
        chunksOf size: Int,
        in ciphertext: Span<UInt8>,
        key: Span<UInt8>,
        nonces: [Nonce],
        into output: inout MutableSpan<UInt8>
    ) throws(SodiumError) -> Int {
        guard key.count == keySize, size > tagSize, !nonces.isEmpty, chunkCount(ciphertext.count, size) == nonces.count,
            ciphertext.count - (nonces.count - 1) * size >= tagSize,
            output.count >= ciphertext.count - nonces.count * tagSize
        else { throw .invalidLength }
        return unsafe withUnsafeTemporaryAllocation(of: Bool.self, capacity: nonces.count) { authentic in
            unsafe authentic.initialize(repeating: false)
            unsafe withChunks(ciphertext, size, key, nonces, &output, size - tagSize, authentic.baseAddress) { chunks in
                unsafe chost_share(
                    nonces.count,
                    { context, index in
                        guard let chunks = unsafe context?.assumingMemoryBound(to: Chunks.self).pointee else { return }
                        let (start, count) = unsafe chunks.place(of: index)
                        let output = unsafe chunks.output + index * chunks.outputSize
                        let isAuthentic = unsafe ChaCha20Poly1305.open(
                            start,
                            count,
                            chunks.key,
                            chunks.nonce(of: index),
                            into: output
                        )
                        unsafe chunks.authentic?[index] = isAuthentic
                    },
                    chunks
                )
            }
            return unsafe authentic.firstIndex(of: false) ?? nonces.count
        }
    }

    private static func chunkCount(_ count: Int, _ size: Int) -> Int {
        size > 0 ? count / size + (count.isMultiple(of: size) ? 0 : 1) : 0
    }

    private static func withChunks(
        _ input: Span<UInt8>,
        _ inputSize: Int,
        _ key: Span<UInt8>,
        _ nonces: [Nonce],
        _ output: inout MutableSpan<UInt8>,
        _ outputSize: Int,
        _ authentic: UnsafeMutablePointer<Bool>?,
        _ body: (UnsafeMutableRawPointer) -> Void
    ) {
        unsafe output.withUnsafeMutableBufferPointer { output in
            unsafe input.withPointer { start in
                unsafe key.withPointer { key in
                    unsafe nonces.withUnsafeBufferPointer { nonces in
                        guard let nonces = nonces.baseAddress else { return }
                        unsafe withAddress(of: output.baseAddress) { output in
                            var chunks = unsafe Chunks(
                                input: start,
                                inputCount: input.count,
                                inputSize: inputSize,
                                output: output,
                                outputSize: outputSize,
                                key: key,
                                nonces: nonces,
                                authentic: authentic
                            )
                            unsafe withUnsafeMutablePointer(to: &chunks) { unsafe body($0) }
                        }
                    }
                }
            }
        }
    }
}
