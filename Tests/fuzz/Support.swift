import Age
import ByteArrays
import Sodium

/// Runs one input; a trap is a finding, and so is a failed `require`.
typealias Target = @Sendable ([UInt8]) -> Void

/// Ends the process if a condition that must hold for every input does not.
func require(_ condition: @autoclosure () throws -> Bool, _ what: String) {
    do {
        guard try !condition() else { return }
        fatalError("does not hold: \(what)")
    } catch {
        fatalError("fails with \(error): \(what)")
    }
}

/// Returns the result of a call that must not fail.
func demand<Result: ~Copyable>(_ what: String, _ body: () throws -> Result) -> Result {
    do {
        return try body()
    } catch {
        fatalError("fails with \(error): \(what)")
    }
}

/// Reads choices from an input; past its end all are zero.
struct Choices {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
        rest = bytes[...]
    }

    /// Whether nothing is left.
    var isEmpty: Bool { rest.isEmpty }

    /// The next byte.
    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    /// A number below `limit`, of one byte.
    mutating func number(below limit: Int) -> Int { Int(byte()) % limit }

    /// A number of two bytes.
    mutating func word() -> Int { Int(byte()) << 8 | Int(byte()) }

    /// The next bytes, as many as there are.
    mutating func bytes(_ count: Int) -> [UInt8] {
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    /// All that is left.
    mutating func remainder() -> [UInt8] { bytes(rest.count) }
}

/// An array that is read in pieces of at most `size` bytes, as a pipe or a network file is.
struct PieceSource: ByteSource {
    private var source: ByteArraySource
    private let size: Int

    init(_ bytes: [UInt8], size: Int) {
        source = ByteArraySource(bytes)
        self.size = max(size, 1)
    }

    mutating func read(into buffer: inout MutableSpan<UInt8>) throws(AgeError) -> Int {
        var piece = buffer._mutatingExtracting(first: min(size, buffer.count))
        return try source.read(into: &piece)
    }
}

/// The bytes of secret memory, for comparing.
func array(_ bytes: borrowing SecretBytes) -> [UInt8] { array(bytes.span) }

/// The bytes of a span.
func array(_ bytes: Span<UInt8>) -> [UInt8] { bytes.indices.map { bytes[$0] } }

/// The identity of the seeds, and its keys.
enum Seed {
    static let identity = "AGE-SECRET-KEY-15AZ6UXR0JHNZ0ZXDL8WXQHQFGKC6AFPYJKUSTGGPDC4CWU6MY6KS09HFPP"
    static let recipient = "age1p2p6geu5hrpu4rf4gve7unkwp7cvj0xsa67m0fltmvg7nnndraes594afs"

    /// The identity of the test vectors for post-quantum recipients.
    static let hybridIdentity = "AGE-SECRET-KEY-PQ-1HZLGZUPT4ETPKDEV8HSGFDCYZ4E522W0A7PU2LHT8EH9W6YLNC3SW78XKG"

    /// Both identities.
    static let hybrid = demand("the seeds' identities are read") {
        try Identities.parse(list: Array("\(hybridIdentity) \(identity)".utf8).span)
    }

    static let identities = demand("the seeds' identity is read") {
        try Identities.parse(file: Array(identity.utf8).span)
    }
}
