import Age
import TestSupport
import Testing

/// Thousands of damaged inputs, the same at every run: each gives an error or a correct result, and none traps.
struct MutationTests {
    private static let rounds = 2000

    /// Changes, removes, repeats or adds a few bytes.
    private func mutate(_ bytes: [UInt8], with generator: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            guard !bytes.isEmpty else { break }
            let index = Int.random(in: bytes.indices, using: &generator)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 1: bytes[index] = .random(in: 0...255, using: &generator)
            case 2: bytes.removeLast(bytes.count - index)
            case 3: bytes.remove(at: index)
            case 4: bytes.insert([10, 13, 32, 45, 61, 65].randomElement(using: &generator) ?? 0, at: index)
            default: bytes.insert(contentsOf: bytes[index..<min(index + 70, bytes.count)], at: index)
            }
        }
        return bytes
    }

    @Test func damagedFilesFail() throws {
        let key = try newIdentity().identities
        let extra = [Stanza(type: "hint", arguments: ["a", "b"], body: pattern(100))]
        let file = try encrypt(pattern(40), for: key.recipients, extraStanzas: extra)
        var generator = SeededGenerator(seed: 1)
        for round in 0..<Self.rounds {
            let damaged = mutate(file, with: &generator)
            if damaged == file { continue }
            #expect(throws: AgeError.self, "round \(round)") { try decrypt(damaged, with: .identities(key)) }
            _ = try? stanzas(of: damaged)
        }
    }

    @Test func damagedArmorFailsOrReadsTheSame() throws {
        let key = try newIdentity().identities
        let plaintext = pattern(40)
        let text = Array(armor(try encrypt(plaintext, for: key.recipients)).utf8)
        var generator = SeededGenerator(seed: 2)
        for round in 0..<Self.rounds {
            let damaged = mutate(text, with: &generator)
            // White space around, and the kind of line end, are all that may differ.
            if let read = try? decrypt(damaged, with: .identities(key)) { #expect(read == plaintext, "round \(round)") }
        }
    }

    @Test func damagedKeyFilesFailOrRead() throws {
        let file = "# created: today\r\n\(try newIdentity().text)\nAGE-PLUGIN-X-1QQQQ\n\n\(try newIdentity().text)\n"
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<Self.rounds {
            let damaged = mutate(Array(file.utf8), with: &generator)
            if let read = try? Identities.parse(file: damaged.span) { #expect((1...2).contains(read.count)) }
            if let read = try? Identities.parse(list: damaged.span) { #expect((1...2).contains(read.count)) }
        }
    }

    @Test func damagedRecipientsFilesFailOrRead() throws {
        let all = try (0..<3).map { _ in try newIdentity().identities.recipients }.flatMap { $0 }
        let file = all.map(\.bech32).joined(separator: "\n# comment\n")
        var generator = SeededGenerator(seed: 4)
        for _ in 0..<Self.rounds {
            let damaged = mutate(Array(file.utf8), with: &generator)
            guard let read = try? Recipient.parse(file: damaged.span) else { continue }
            #expect(Set(read).isSubset(of: all))
        }
    }
}
