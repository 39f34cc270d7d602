import Foundation
import Sodium
import Testing

/// Hashes, compared with those of the system's programs.
@Suite
struct HashTests {
    private static let sizes = [0, 1, 63, 64, 127, 128, 129, 255, 256, 65_536, 1_000_003]

    @Test(arguments: sizes)
    func sha256IsThatOfTheSystem(size: Int) throws {
        let bytes = Self.bytes(size)
        #expect(try SHA256.hex(of: bytes.span) == Self.run("/usr/bin/sha256sum", [], bytes))
    }

    private static func bytes(_ size: Int) -> [UInt8] {
        (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
    }

    /// The hash that a program of the system prints for some bytes.
    private static func run(_ program: String, _ options: [String], _ bytes: [UInt8]) throws -> String {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try Data(bytes).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = options + [file.path]
        process.standardOutput = output
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: text.prefix(64), as: UTF8.self)
    }
}
