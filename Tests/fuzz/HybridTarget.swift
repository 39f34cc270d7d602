import Sodium
import XWing

@testable import Age

/// A file key, wrapped once for the post-quantum identity of the seeds.
private enum Wrapped {
    static let key = demand("a file key is made") { try FileKey.random() }

    static let stanza = demand("a file key is wrapped") { try Seed.hybrid.recipients[0].wrap(key) }

    static let ciphertext = demand("a stanza is read") { () throws -> [UInt8] in
        Base64.bytes(of: stanza.arguments[0], count: XWing.ciphertextSize) ?? []
    }
}

/// Returns whether the identities open a stanza.
private func opens(_ arguments: [String], _ body: [UInt8]) -> Bool {
    let stanza = Stanza(type: HybridStanza.type, arguments: arguments, body: body)
    guard let key = try? HybridStanza.unwrap(stanza, with: Seed.hybrid) else { return false }
    _ = demand("a key derives another") { try key.mac(over: [1].span) }
    return true
}

/// A stanza for post-quantum recipients: any arguments and body, or a valid one with changes, which nothing opens.
func checkHybridStanza(_ bytes: [UInt8]) {
    var choices = Choices(bytes)
    switch choices.byte() {
    case 0:
        let rest = choices.remainder()
        let text = String(decoding: rest, as: UTF8.self)
        let arguments = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        require(!opens(arguments, Array(rest.suffix(32))), "nobody guesses a stanza")
    case 1:
        // Any bytes as the ciphertext; few end in a point of low order.
        var ciphertext = choices.bytes(XWing.ciphertextSize)
        ciphertext += repeatElement(0, count: XWing.ciphertextSize - ciphertext.count)
        var argument: [UInt8] = []
        Base64.encode(ciphertext.span, into: &argument)
        require(!opens([String(decoding: argument, as: UTF8.self)], Wrapped.stanza.body), "nobody guesses a ciphertext")
    default:
        var ciphertext = Wrapped.ciphertext
        var body = Wrapped.stanza.body
        while !choices.isEmpty {
            let place = (choices.word() << 8 | Int(choices.byte())) % (ciphertext.count + body.count)
            let value = choices.byte()
            if place < ciphertext.count { ciphertext[place] ^= value } else { body[place - ciphertext.count] ^= value }
        }
        var argument: [UInt8] = []
        Base64.encode(ciphertext.span, into: &argument)
        let isSame = ciphertext == Wrapped.ciphertext && body == Wrapped.stanza.body
        // Even the last bit of the X25519 point, which X25519 ignores: the secret also depends on the ciphertext.
        require(opens([String(decoding: argument, as: UTF8.self)], body) == isSame, "a change is noticed")
    }
}
