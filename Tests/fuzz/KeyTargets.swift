import Sodium

@testable import Age

/// Bech32: decoding and encoding are inverse, and each key has one form.
func checkBech32(_ bytes: [UInt8]) {
    for prefix in ["AGE-SECRET-KEY-", "AGE-SECRET-KEY-PQ-", "age", "age1pq"] {
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
        // A valid checksum after a wrong character.
        var changed = array(text)
        changed[Int(bytes[0]) % changed.count] ^= 1
        _ = try? Identities.parse(file: changed.span)
        _ = try? Recipient(bech32: String(decoding: changed, as: UTF8.self))
    }
    let text = String(decoding: bytes, as: UTF8.self)
    if let recipient = try? Recipient(bech32: text) {
        require(recipient.bech32 == text && [32, 1216].contains(recipient.publicKey.count), "a recipient is canonical")
    }
    checkKeys(bytes)
}

/// Any bytes of the right length are a key, of either kind.
private func checkKeys(_ bytes: [UInt8]) {
    var key = Array(bytes.prefix(32))
    key += repeatElement(0, count: 32 - key.count)
    let recipient = Recipient(.x25519, publicKey: key)
    require(try Recipient(bech32: recipient.bech32) == recipient, "a recipient is read back")
    for prefix in ["AGE-SECRET-KEY-", "AGE-SECRET-KEY-PQ-"] {
        let identity = demand("there is memory") { try Bech32.encode(key.span, prefix: prefix) }
        require(try Identities.parse(file: identity.span).count == 1, "an identity is read back")
    }
    var long = Array(bytes.prefix(1216))
    long += repeatElement(0, count: 1216 - long.count)
    let hybrid = Recipient(.hybrid, publicKey: long)
    require(try Recipient(bech32: hybrid.bech32) == hybrid, "a post-quantum recipient is read back")
    // Most are not valid keys of ML-KEM; encrypting for one fails, or makes a stanza.
    _ = try? hybrid.wrap(FileKey.random())
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
    guard let recipients = try? Recipient.parse(file: bytes.span) else { return }
    let text = recipients.map { $0.bech32 + "\r\n" }.joined()
    require(try Recipient.parse(file: Array(text.utf8).span) == recipients, "recipients are read back")
}
