/// Why an operation on secret memory or a cryptographic primitive failed.
public enum SodiumError: Error, Equatable {
    /// libsodium could not be initialised: the system has no random numbers.
    case unavailable

    /// No memory, or a length that overflows an address.
    case outOfMemory

    /// The memory could not be kept out of core dumps, and was freed.
    case notExcludedFromDumps

    /// A key, nonce, point or buffer has the wrong length for the primitive.
    case invalidLength

    /// The ciphertext or its tag is not authentic.
    case authentication

    /// The X25519 point is of low order: the shared secret would be all zero.
    case lowOrderPoint
}
