import Sodium

/// A secret text that several owners share.
final class SharedSecret: Sendable {
    /// The text.
    let bytes: SecretBytes

    /// Takes the text over.
    init(_ bytes: consuming SecretBytes) {
        self.bytes = bytes
    }
}
