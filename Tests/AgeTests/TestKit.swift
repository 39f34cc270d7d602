import CZlib
import Foundation
import Testing

/// One of the age test vectors: a file, its keys, and the expected result.
struct TestVector: Sendable, CustomTestStringConvertible {
    var name = ""
    var expect = ""
    var payload: String?
    var identities: [String] = []
    var passphrases: [String] = []
    var file: [UInt8] = []

    var testDescription: String { name }

    /// The vectors of classical recipients, and those of all; nil where their folder is not set.
    static let classical = all(in: "KSTACK_AGE_TESTKIT")

    /// The vectors of post-quantum recipients.
    static let hybrid = all(in: "KSTACK_AGE_TESTKIT_HYBRID")

    /// All vectors of the folder that a variable names whose header is understood; nil where it names none.
    private static func all(in variable: String) -> [TestVector]? {
        guard let folder = ProcessInfo.processInfo.environment[variable], !folder.isEmpty else { return nil }
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else { return [] }
        return names.sorted().compactMap { read(name: $0, path: "\(folder)/\($0)") }
    }

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
