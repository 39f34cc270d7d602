/// Why an operation on secret memory or a cryptographic primitive failed.
public enum SodiumError: Error, Equatable {
    /// libsodium could not be initialised: the system gives no random numbers.
    case unavailable

    /// The system gave no memory, or a length went past what an address can hold.
    case outOfMemory

    /// The memory would be part of core dumps, and was given back.
    case notExcludedFromDumps

    /// A key, nonce, point or buffer has the wrong length for the primitive.
    case invalidLength

    /// The ciphertext, or its tag, is not what the key made.
    case authentication

    /// The X25519 point is of low order: the shared secret would be all zero.
    case lowOrderPoint
}
