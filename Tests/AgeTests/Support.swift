import Foundation
import Sodium
import TestSupport

@testable import Age

/// The plaintext size of a chunk.
let chunkSize = Payload.chunkSize

/// Gives bytes in pieces of at most a fixed size.
struct ChoppedSource: ByteSource {
    let bytes: [UInt8]
    let piece: Int
    var position = 0

    init(_ bytes: [UInt8], piece: Int = .max) {
        self.bytes = bytes
        self.piece = piece
    }

    mutating func read(into buffer: inout MutableSpan<UInt8>) throws(AgeError) -> Int {
        let count = min(buffer.count, bytes.count - position, piece)
        let start = position
        buffer.withUnsafeMutableBytes { target in
            bytes.withUnsafeBytes {
                target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[start..<start + count]))
            }
        }
        position += count
        return count
    }
}

/// Records the bytes, and the number of writes.
struct RecordingSink: ByteSink {
    var bytes: [UInt8] = []
    var writes = 0

    mutating func write(_ bytes: Span<UInt8>) throws(AgeError) {
        bytes.withUnsafeBytes { self.bytes.append(contentsOf: $0) }
        writes += 1
    }
}

/// Reads an open file.
struct FileSource: ByteSource {
    let file: FileHandle

    mutating func read(into buffer: inout MutableSpan<UInt8>) throws(AgeError) -> Int {
        let count = buffer.withUnsafeMutableBytes { Foundation.read(file.fileDescriptor, $0.baseAddress, $0.count) }
        guard count >= 0 else { throw .source(errno: errno) }
        return count
    }
}

/// Writes an open file.
struct FileSink: ByteSink {
    let file: FileHandle

    mutating func write(_ bytes: Span<UInt8>) throws(AgeError) {
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes {
                Foundation.write(file.fileDescriptor, $0.baseAddress.map { $0 + offset }, $0.count - offset)
            }
            guard count > 0 else { throw .sink(errno: errno) }
            offset += count
        }
    }
}

/// A folder that is removed at the end.
final class ScratchFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("age-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        try Data(bytes).write(to: url.appendingPathComponent(name))
        return path(name)
    }

    func read(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: url.appendingPathComponent(name))) }

    func create(_ name: String) throws -> FileHandle {
        _ = FileManager.default.createFile(atPath: path(name), contents: nil)
        return try FileHandle(forWritingTo: url.appendingPathComponent(name))
    }

    func open(_ name: String) throws -> FileHandle {
        try FileHandle(forReadingFrom: url.appendingPathComponent(name))
    }
}

/// A program that failed.
struct ProgramFailure: Error {
    let message: String
}

/// Runs a program found in PATH, and returns its output.
@discardableResult
func run(_ program: String, _ arguments: [String], input: [UInt8] = []) throws -> [UInt8] {
    let scratch = try ScratchFolder()
    _ = try scratch.write("input", input)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.standardInput = try scratch.open("input")
    process.standardOutput = try scratch.create("output")
    process.standardError = try scratch.create("errors")
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
        throw ProgramFailure(message: String(decoding: try scratch.read("errors"), as: UTF8.self))
    }
    return try scratch.read("output")
}

/// The SHA-256 of some bytes in hexadecimal.
func sha256(_ bytes: [UInt8]) throws -> String {
    String(decoding: try run("sha256sum", [], input: bytes).prefix(64), as: UTF8.self)
}

/// Bytes of a fixed pattern.
func pattern(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var generator = SeededGenerator(seed: seed)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + 8)
    while bytes.count < count { withUnsafeBytes(of: generator.next()) { bytes.append(contentsOf: $0) } }
    return Array(bytes.prefix(count))
}

/// Reads an identity file from its content.
func identities(_ text: String) throws(AgeError) -> Identities {
    let bytes = Array(text.utf8)
    return try Identities.parse(file: bytes.span)
}

/// Reads a list of identities from a string.
func identityList(_ text: String) throws(AgeError) -> Identities {
    let bytes = Array(text.utf8)
    return try Identities.parse(list: bytes.span)
}

/// Reads a recipients file from its content.
func recipients(_ text: String) throws(AgeError) -> [Recipient] {
    let bytes = Array(text.utf8)
    return try Recipient.parse(file: bytes.span)
}

/// Makes a passphrase from a string.
func passphrase(_ text: String) throws(AgeError) -> Passphrase {
    let bytes = Array(text.utf8)
    return try Passphrase(bytes.span)
}

/// A new identity as a string and as read back.
func newIdentity(isPostQuantum: Bool = false) throws -> (text: String, identities: Identities) {
    let generated = try Identities.generate(isPostQuantum: isPostQuantum)
    let text = text(generated.identity)
    let read = try identities(text)
    return (text, read)
}

/// Encrypts bytes for recipients.
func encrypt(_ bytes: [UInt8], for recipients: [Recipient], extraStanzas: [Stanza] = []) throws(AgeError)
    -> [UInt8]
{
    var source = ChoppedSource(bytes)
    var sink = RecordingSink()
    try Age.encrypt(from: &source, to: &sink, for: recipients, extraStanzas: extraStanzas)
    return sink.bytes
}

/// Decrypts bytes that come in pieces.
func decrypt(_ bytes: [UInt8], with key: DecryptionKey, piece: Int = .max) throws(AgeError) -> [UInt8] {
    var source = ChoppedSource(bytes, piece: piece)
    var sink = RecordingSink()
    try Age.decrypt(from: &source, to: &sink, with: key)
    return sink.bytes
}

/// The stanzas of a file.
func stanzas(of bytes: [UInt8]) throws(AgeError) -> [Stanza] {
    var source = ChoppedSource(bytes)
    return try UnauthenticatedHeader(of: &source).stanzas
}

/// The armored form of a file, encoded by the tests themselves.
func armor(_ bytes: [UInt8], lineEnd: String = "\n") -> String {
    let base64 = Data(bytes).base64EncodedString()
    var lines: [Substring] = []
    var rest = base64[...]
    while !rest.isEmpty {
        lines.append(rest.prefix(64))
        rest = rest.dropFirst(64)
    }
    return (["-----BEGIN AGE ENCRYPTED FILE-----"] + lines + ["-----END AGE ENCRYPTED FILE-----"])
        .map { $0 + lineEnd }.joined()
}
