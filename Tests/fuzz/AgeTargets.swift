import ByteArrays
import Sodium

@testable import Age

/// A wrapped file key, made once for the process.
private enum Wrapped {
    static let key = demand("a file key is made") { try FileKey.random() }

    static let stanza = demand("a file key is wrapped") {
        try Seed.identities.recipients[0].wrap(key)
    }

    /// A header up to its MAC line.
    static let start = demand("a header is written") {
        let text = try Header.text(of: [stanza], key: key)
        return Array(text.prefix(text.count - "--- ".utf8.count - 43 - 1))
    }

    /// A header with more lines, and a valid MAC.
    static func header(with lines: [UInt8]) -> [UInt8] {
        demand("a header is authenticated") {
            var text = start + lines + Array("---".utf8)
            let mac = try key.mac(over: text.span)
            text.append(UInt8(ascii: " "))
            Base64.encode(mac.span, into: &text)
            return text + [UInt8(ascii: "\n")]
        }
    }
}

/// Decrypts a whole file, read in pieces of some size.
private func decrypt(_ file: [UInt8], pieces: Int = .max) -> Result<[UInt8], AgeError> {
    do throws(AgeError) {
        var source = PieceSource(file, size: pieces)
        var sink = try SecretSink(limit: 1 << 24)
        let key = try Age.decrypt(from: &source, to: &sink, with: .identities(Seed.hybrid))
        let plaintext = array(sink.finish())
        // The kept key gives the same result.
        var again = PieceSource(file, size: pieces)
        var second = try SecretSink(limit: 1 << 24)
        try Age.decrypt(from: &again, to: &second, again: key)
        let same = array(second.finish())
        require(same == plaintext, "a file is decrypted again")
        return .success(plaintext)
    } catch {
        return .failure(error)
    }
}

/// Returns what decrypting writes before it ends or fails.
private func deliver(_ file: [UInt8]) -> [UInt8] {
    var source = ByteArraySource(file)
    var sink = ByteArraySink()
    _ = try? Age.decrypt(from: &source, to: &sink, with: .identities(Seed.hybrid))
    return sink.bytes
}

private func encrypt(_ plaintext: [UInt8], pieces: Int = .max) -> [UInt8] {
    demand("a plaintext is encrypted") {
        var source = PieceSource(plaintext, size: pieces)
        var sink = ByteArraySink()
        try Age.encrypt(from: &source, to: &sink, for: Seed.identities.recipients)
        return sink.bytes
    }
}

/// A header, binary or armored: what was read is written as the same bytes.
func checkHeader(_ bytes: [UInt8]) {
    var input = Input()
    var source = ByteArraySource(bytes)
    guard let header = try? Header(of: &input, from: &source) else { return }
    require(header.count <= input.end && header.authenticatedCount < header.count, "the parts lie in the buffer")
    let read = Array(input.buffer[0..<header.authenticatedCount])
    // Stanzas longer than any known kind are kept truncated.
    let isWhole = header.stanzas.allSatisfy { stanza in
        stanza.arguments.count < 16 && stanza.body.count < 4096
            && ([stanza.type] + stanza.arguments).allSatisfy { $0.utf8.count < 4096 }
    }
    if isWhole {
        let written = demand("a header that was read is written") {
            try Header.text(of: header.stanzas, key: Wrapped.key)
        }
        require(written.starts(with: read) && written.count == header.count, "a header is canonical")
    }
    _ = try? DecryptionKey.identities(Seed.hybrid).fileKey(from: header.stanzas)
    // Larger work factors take seconds each.
    let factor = header.stanzas.first?.arguments.last ?? ""
    guard header.stanzas.count == 1, factor.utf8.count != 2,
        let passphrase = try? Passphrase(Array("seed".utf8).span)
    else { return }
    _ = try? DecryptionKey.passphrase(passphrase).fileKey(from: header.stanzas)
}

/// Returns the content of armor, as far as a reader's buffer holds it.
private func dearmor(_ text: [UInt8], pieces: Int) -> Result<[UInt8], AgeError> {
    do throws(AgeError) {
        var input = Input()
        var source = PieceSource(text, size: pieces)
        try input.fill(from: &source, atLeast: 1 << 20)
        return .success(Array(input.buffer[input.start..<input.end]))
    } catch {
        return .failure(error)
    }
}

/// Armor: the result does not depend on the pieces, and each content has one armor except for white space.
func checkArmor(_ bytes: [UInt8]) {
    guard let size = bytes.first else { return }
    let text = Array(bytes.dropFirst())
    let whole = dearmor(text, pieces: .max)
    require(dearmor(text, pieces: Int(size)) == whole, "pieces make no difference to armor")
    _ = decrypt(text)
    guard text.first != UInt8(ascii: "a"), case .success(let content) = whole, !content.isEmpty else { return }
    var encoded: [UInt8] = []
    Base64.encode(content.span, into: &encoded)
    while encoded.count % 4 != 0 { encoded.append(UInt8(ascii: "=")) }
    var lines = [ArmorDecoder.begin]
    while !encoded.isEmpty {
        lines.append(String(decoding: encoded.prefix(64), as: UTF8.self))
        encoded.removeFirst(min(64, encoded.count))
    }
    lines.append(ArmorDecoder.end)
    let written = String(decoding: text, as: UTF8.self).split(whereSeparator: \.isNewline)
    let trimmed = written.map { $0.drop { $0.isWhitespace } }.filter { !$0.isEmpty }
    require(trimmed.map { $0.prefix(64) } == lines.map { $0.prefix(64) }, "armor is canonical")
}

/// A whole file, for a known identity.
func checkFile(_ bytes: [UInt8]) {
    var choices = Choices(bytes)
    let kind = choices.byte()
    switch kind {
    case 0: checkEdit(&choices)
    case 1: checkHeaderLines(&choices)
    // Files of the age program begin with another byte, and are read as they are.
    default: checkRaw(bytes)
    }
}

/// Decrypts a file as it is.
private func checkRaw(_ file: [UInt8]) {
    let whole = decrypt(file)
    require(decrypt(file, pieces: 7) == whole, "pieces make no difference to a file")
    if case .success(let plaintext) = whole { require(deliver(file) == plaintext, "a sink gets the plaintext") }
}

/// A file that is written and then changed: it decrypts to its plaintext, or fails after writing a prefix of it.
private func checkEdit(_ choices: inout Choices) {
    let pieces = choices.word()
    let repetitions = choices.word() % 64 + 1
    let edit = choices.number(below: 6)
    let place = choices.word() << 8 | Int(choices.byte())
    let value = choices.byte()
    let content = choices.remainder()
    var plaintext: [UInt8] = []
    for _ in 0..<repetitions { plaintext += content }
    var file = encrypt(plaintext, pieces: pieces)
    require(decrypt(file, pieces: pieces) == .success(plaintext), "what was encrypted is decrypted")
    let original = file
    let index = place % file.count
    switch edit {
    case 0: file[index] ^= value
    case 1: file.removeLast(file.count - index)
    case 2: file.insert(value, at: index)
    case 3: file.append(contentsOf: file[index...].prefix(Payload.sealedSize))
    case 4: file.remove(at: index)
    default: file.append(value)
    }
    guard file != original else { return }
    if case .success = decrypt(file, pieces: pieces) { fatalError("a changed file is decrypted") }
    require(plaintext.starts(with: deliver(file)), "all output is authentic")
}

/// Header lines and a payload of any bytes, under a valid MAC.
private func checkHeaderLines(_ choices: inout Choices) {
    let count = choices.word()
    let file = Wrapped.header(with: choices.bytes(count)) + choices.remainder()
    checkRaw(file)
}
