import CSodium

/// Random bytes from the system, safe after a fork.
public enum Random {
    /// Secret random bytes.
    public static func secret(count: Int) throws(SodiumError) -> SecretBytes {
        var bytes = try SecretBytes(count: count)
        unsafe bytes.withMutablePointer { unsafe randombytes_buf($0, count) }
        return bytes
    }

    /// Random bytes that are not secret, such as a salt or a nonce.
    public static func bytes(count: Int) throws(SodiumError) -> [UInt8] {
        let random = try secret(count: count)
        return unsafe random.withUnsafeBytes { unsafe Array($0) }
    }
}
