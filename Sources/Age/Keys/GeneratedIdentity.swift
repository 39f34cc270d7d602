public import Sodium

/// A new identity in its text form, with its recipient.
public struct GeneratedIdentity: ~Copyable {
    /// The identity, `AGE-SECRET-KEY-1…` or `AGE-SECRET-KEY-PQ-1…`.
    public let identity: SecretBytes

    /// The public half.
    public let recipient: Recipient

    /// Takes the string of the identity out.
    public consuming func takeIdentity() -> SecretBytes {
        identity
    }
}
