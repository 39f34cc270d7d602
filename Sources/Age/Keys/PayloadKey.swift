import Sodium

/// The key and the offset of the payload of a file that was opened before, to decrypt it again
/// without its header.
///
/// Wiped with the last reference.
public final class PayloadKey: Sendable {
    /// The key of the chunks.
    let bytes: SecretBytes

    /// The offset of the first chunk from the start of the file, without armor.
    let offset: Int

    init(_ bytes: consuming SecretBytes, offset: Int) {
        self.bytes = bytes
        self.offset = offset
    }
}
