import CZlib
import Foundation
import Testing

/// One of the age test vectors: what to decrypt, with what, and what comes of it.
struct TestVector: Sendable, CustomTestStringConvertible {
    var name = ""
    var expect = ""
    var payload: String?
    var identities: [String] = []
    var passphrases: [String] = []
    var file: [UInt8] = []

    var testDescription: String { name }

    /// The folder with the vectors, if there is one.
    static let folder: String? = {
        let folder = ProcessInfo.processInfo.environment["KSTACK_AGE_TESTKIT"]
        return folder?.isEmpty == false ? folder : nil
    }()

    /// All vectors whose header is understood.
    static let all: [TestVector] = {
        guard let folder, let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else { return [] }
        return names.sorted().compactMap { read(name: $0, path: "\(folder)/\($0)") }
    }()

    private static func read(name: String, path: String) -> TestVector? {
        guard let data = FileManager.default.contents(atPath: path),
            let end = data.firstRange(of: Data("\n\n".utf8))
        else { return nil }
        var vector = TestVector(name: name)
        vector.file = [UInt8](data[end.upperBound...])
        for line in String(decoding: data[..<end.lowerBound], as: UTF8.self).split(separator: "\n") {
            guard let colon = line.firstRange(of: ": ") else { return nil }
            let value = String(line[colon.upperBound...])
            switch line[..<colon.lowerBound] {
            case "expect": vector.expect = value
            case "payload": vector.payload = value
            case "identity": vector.identities.append(value)
            case "passphrase": vector.passphrases.append(value)
            case "compressed":
                guard value == "zlib" else { return nil }
                vector.file = inflate(vector.file)
            case "file key", "comment", "armored": break
            default: return nil
            }
        }
        return vector.expect.isEmpty ? nil : vector
    }

    private static func inflate(_ bytes: [UInt8]) -> [UInt8] {
        var capacity = 1 << 22
        while capacity < 1 << 30 {
            var output = [UInt8](repeating: 0, count: capacity)
            var count = UInt(capacity)
            if uncompress(&output, &count, bytes, UInt(bytes.count)) == Z_OK { return Array(output.prefix(Int(count))) }
            capacity *= 4
        }
        return []
    }
}
