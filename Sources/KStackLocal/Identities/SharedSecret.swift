import Sodium

/// A secret string that several owners share.
final class SharedSecret: Sendable {
    /// The bytes of the string.
    let bytes: SecretBytes

    /// Takes ownership of the bytes.
    init(_ bytes: consuming SecretBytes) {
        self.bytes = bytes
    }
}
