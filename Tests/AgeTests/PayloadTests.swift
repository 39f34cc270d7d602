import Age
import Testing

struct PayloadTests {
    private let key: Identities
    private let plaintext = pattern(150_000)
    private let file: [UInt8]

    init() throws {
        key = try newIdentity().identities
        file = try encrypt(plaintext, for: key.recipients)
    }

    /// What a sink received of a file, and the error.
    private func read(_ file: [UInt8]) -> (released: [UInt8], failure: AgeError?) {
        var source = ChoppedSource(file)
        var sink = RecordingSink()
        do throws(AgeError) {
            try Age.decrypt(from: &source, to: &sink, with: .identities(key))
            return (sink.bytes, nil)
        } catch {
            return (sink.bytes, error)
        }
    }

    @Test func truncatedFilesFail() throws {
        let payload = file.count - 150_000 - 3 * 16
        for count in [1, 17, 65_551, 65_552, 65_553, 131_104, 131_105, 131_119, 131_120, 150_047] {
            let (released, failure) = read(Array(file.prefix(payload + count)))
            guard case .payload = failure else {
                Issue.record("\(count): \(String(describing: failure))")
                continue
            }
            #expect(released == Array(plaintext.prefix(released.count)))
            #expect(released.count % chunkSize == 0)
        }
    }

    @Test func longerFilesFail() {
        let (released, failure) = read(file + [0])
        guard case .payload = failure else { return #expect(failure == .payload(reason: "")) }
        #expect(released.count == 131_072)
    }

    @Test func chunksCannotBeSwapped() {
        let payload = file.count - 150_000 - 3 * 16
        var swapped = Array(file.prefix(payload))
        swapped += file[(payload + 65_552)..<(payload + 131_104)]
        swapped += file[payload..<(payload + 65_552)]
        swapped += file[(payload + 131_104)...]
        let (released, failure) = read(swapped)
        guard case .payload = failure else { return #expect(failure == .payload(reason: "")) }
        #expect(released.isEmpty)
    }

    @Test func aChangedByteInAChunkKeepsTheChunk() {
        var changed = file
        changed[file.count - 1] ^= 1
        let (released, failure) = read(changed)
        guard case .payload = failure else { return #expect(failure == .payload(reason: "")) }
        #expect(released == Array(plaintext.prefix(131_072)))
    }

    /// Also where it is opened together with others.
    @Test(arguments: [0, 1, 2, 15, 16, 17, 18, 32, 33, 39])
    func allChunksBeforeADamagedOneAreReleased(damaged: Int) throws {
        let plaintext = pattern(40 * chunkSize - 7)
        var file = try encrypt(plaintext, for: key.recipients)
        let payload = file.count - plaintext.count - 40 * 16
        file[payload + damaged * 65_552 + 100] ^= 1
        let (released, failure) = read(file)
        guard case .payload = failure else { return #expect(failure == .payload(reason: "")) }
        #expect(released == Array(plaintext.prefix(damaged * chunkSize)))
    }

    @Test func filesThatEndBeforeThePayloadHaveABrokenHeader() throws {
        let payload = file.count - 150_000 - 3 * 16
        for count in 0..<payload {
            let (released, failure) = read(Array(file.prefix(count)))
            guard case .header = failure else {
                Issue.record("\(count): \(String(describing: failure))")
                continue
            }
            #expect(released.isEmpty)
        }
    }
}
