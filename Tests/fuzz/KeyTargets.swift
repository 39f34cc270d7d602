import Sodium

@testable import Age

/// Bech32: what is decoded has one way only to be written, and what is written is decoded.
func checkBech32(_ bytes: [UInt8]) {
    for prefix in ["AGE-SECRET-KEY-", "age"] {
        var decoded = demand("there is memory") { try SecretBytes(minimumCapacity: 32) }
        if (try? Bech32.decode(bytes.span, prefix: prefix, into: &decoded)) != nil {
            let again = demand("there is memory") { try Bech32.encode(decoded.span, prefix: prefix) }
            require(array(again) == bytes, "Bech32 is canonical")
        } else {
            require(decoded.count == 0, "a failure leaves nothing")
        }
        decoded.truncate(to: 0)
        let text = demand("there is memory") { try Bech32.encode(bytes.span, prefix: prefix) }
        demand("what was encoded is decoded") { try Bech32.decode(text.span, prefix: prefix, into: &decoded) }
        require(array(decoded) == bytes, "Bech32 keeps what it encodes")
        guard !bytes.isEmpty else { continue }
        // A right checksum with a wrong character in front of it.
        var changed = array(text)
        changed[Int(bytes[0]) % changed.count] ^= 1
        _ = try? Identities.parse(file: changed.span)
        _ = try? X25519Recipient(bech32: String(decoding: changed, as: UTF8.self))
    }
    let text = String(decoding: bytes, as: UTF8.self)
    if let recipient = try? X25519Recipient(bech32: text) {
        require(recipient.bech32 == text && recipient.publicKey.count == 32, "a recipient is canonical")
    }
    // Any 32 bytes are a key.
    var key = Array(bytes.prefix(32))
    key += repeatElement(0, count: 32 - key.count)
    let recipient = X25519Recipient(publicKey: key)
    require(try X25519Recipient(bech32: recipient.bech32) == recipient, "a recipient is read back")
    let identity = demand("there is memory") { try Bech32.encode(key.span, prefix: "AGE-SECRET-KEY-") }
    require(try Identities.parse(file: identity.span).count == 1, "an identity is read back")
}

/// Identity files, and lists as in `SOPS_AGE_KEY`.
func checkIdentities(_ bytes: [UInt8]) {
    _ = Age.isAgeFile(start: bytes.span)
    let file = try? Identities.parse(file: bytes.span)
    let list = try? Identities.parse(list: bytes.span)
    for identities in [file, list] {
        guard let identities else { continue }
        require(identities.count > 0 && identities.recipients.count == identities.count, "there is an identity")
    }
    guard let file, let list else { return }
    require(file.recipients.allSatisfy(list.recipients.contains), "a list has what a file has")
}

/// Recipients files.
func checkRecipients(_ bytes: [UInt8]) {
    guard let recipients = try? X25519Recipient.parse(file: bytes.span) else { return }
    let text = recipients.map { $0.bech32 + "\r\n" }.joined()
    require(try X25519Recipient.parse(file: Array(text.utf8).span) == recipients, "recipients are read back")
}
