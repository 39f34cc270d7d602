import Sodium

/// What opens the payload of a file that was opened before, and where it begins: with it the file is decrypted again
/// without its header.
///
/// Wiped when the last of those who share it has gone.
public final class PayloadKey: Sendable {
    /// The key of the payload's chunks.
    let bytes: SecretBytes

    /// The offset of the first chunk from the start of the file, armor taken off.
    let offset: Int

    init(_ bytes: consuming SecretBytes, offset: Int) {
        self.bytes = bytes
        self.offset = offset
    }
}
