import Sodium

/// A header as it was read, unauthenticated until its MAC is compared (C2SP age, section "Header").
struct Header {
    /// The first line of every file.
    static let versionLine = "age-encryption.org/v1\n"

    /// How long a header may be in bytes, read or written.
    static let sizeLimit = 1 << 20

    /// How many stanzas a header may have, read or written: each costs an X25519 before anything is authenticated.
    static let stanzaLimit = 1024

    /// How many arguments of a stanza are kept, and how many bytes of each and of the body.
    ///
    /// No known type has that many. What is longer is read to its end but kept truncated: it is invalid either way.
    private static let keptArguments = 16
    private static let keptBytes = 4096

    /// How many characters a full line of a stanza's body has.
    static let columns = 64

    /// The stanzas in order.
    private(set) var stanzas: [Stanza] = []

    /// The MAC as the header gives it.
    private(set) var mac: [UInt8] = []

    /// How many bytes, from the start of the file, the MAC covers.
    private(set) var authenticatedCount = 0

    /// The length of the whole header.
    private(set) var count = 0

    /// Reads the header at the start of a file, which stays in the buffer of `input`.
    ///
    /// - Throws: `header` where it is malformed or too large; `armor`; what the source throws.
    init<Source: ByteSource & ~Copyable>(
        of input: inout Input,
        from source: inout Source
    ) throws(AgeError) {
        try readVersion(of: &input, from: &source)
        while true {
            let line = try readLine(of: &input, from: &source)
            if input.buffer.hasPrefix("-> ", in: line) {
                guard stanzas.count < Self.stanzaLimit else { throw .header(reason: "too many stanzas") }
                stanzas.append(try readStanza(line, of: &input, from: &source))
            } else if input.buffer.hasPrefix("---", in: line) {
                try readMAC(line, of: input)
                return
            } else {
                throw .header(reason: "a line is neither a stanza nor the MAC")
            }
        }
    }

    /// Unwraps the key of the file and authenticates the header, which `input` still holds.
    ///
    /// - Throws: as `DecryptionKey.fileKey`; `headerAuthentication`.
    func fileKey(in input: Input, with key: DecryptionKey) throws(AgeError) -> FileKey {
        let fileKey = try key.fileKey(from: stanzas)
        let computed = try fileKey.mac(over: input.buffer.span.extracting(first: authenticatedCount))
        guard SecretBytes.constantTimeEquals(computed.span, mac.span) else { throw .headerAuthentication }
        return fileKey
    }

    /// Reads the version line, without looking for the end of another file's first line.
    private mutating func readVersion<Source: ByteSource & ~Copyable>(
        of input: inout Input,
        from source: inout Source
    ) throws(AgeError) {
        let length = Self.versionLine.utf8.count
        try input.fill(from: &source, atLeast: length)
        guard input.count > 0 else { throw .header(reason: "the file is empty") }
        guard input.buffer.hasPrefix("age-encryption.org/", in: 0..<input.end) else {
            throw .header(reason: "not an age file")
        }
        guard !input.buffer.hasPrefix("age-encryption.org/v1\r", in: 0..<input.end) else {
            throw .header(reason: "its line feeds became CR LF, as by PowerShell's redirection or git's autocrlf")
        }
        guard input.buffer.hasPrefix(Self.versionLine, in: 0..<input.end) else {
            throw .header(reason: "not version 1 of the age format")
        }
        count = length
    }

    /// Reads the next line.
    ///
    /// - Returns: where it is in the buffer, without the line feed.
    private mutating func readLine<Source: ByteSource & ~Copyable>(
        of input: inout Input,
        from source: inout Source
    ) throws(AgeError) -> Range<Int> {
        let start = count
        var position = start
        while true {
            guard position < Self.sizeLimit else { throw .header(reason: "the header is too long") }
            if position == input.end {
                try input.fill(from: &source, atLeast: position + 1)
                guard position < input.end else { throw .header(reason: "the file ends within the header") }
            }
            if input.buffer[position] == UInt8(ascii: "\n") { break }
            position += 1
        }
        count = position + 1
        return start..<position
    }

    /// Reads the rest of a stanza whose first line is `line`.
    private mutating func readStanza<Source: ByteSource & ~Copyable>(
        _ line: Range<Int>,
        of input: inout Input,
        from source: inout Source
    ) throws(AgeError) -> Stanza {
        guard let arguments = Self.arguments(in: line.dropFirst(3), of: input.buffer), let type = arguments.first else {
            throw .header(reason: "a stanza's argument is empty or has an invalid character")
        }
        var body: [UInt8] = []
        var piece: [UInt8] = []
        while true {
            let line = try readLine(of: &input, from: &source)
            piece.removeAll(keepingCapacity: true)
            guard line.count <= Self.columns, Base64.decode(input.buffer.span.extracting(line), into: &piece) else {
                throw .header(reason: "a stanza's body is not canonical Base64 with a short last line")
            }
            if body.count < Self.keptBytes { body += piece }
            if line.count < Self.columns { break }
        }
        return Stanza(type: type, arguments: Array(arguments.dropFirst()), body: body)
    }

    /// The type of a stanza and its arguments, with one space between each two; nil where one is invalid.
    private static func arguments(in line: Range<Int>, of buffer: FallibleArray<UInt8>) -> [String]? {
        var arguments: [String] = []
        var start = line.lowerBound
        while true {
            var end = start
            while end < line.upperBound, buffer[end] != UInt8(ascii: " ") {
                guard Stanza.isOfArgument(buffer[end]) else { return nil }
                end += 1
            }
            guard end > start else { return nil }
            if arguments.count <= keptArguments {
                arguments.append(String(decoding: buffer[start..<min(end, start + keptBytes)], as: UTF8.self))
            }
            if end == line.upperBound { return arguments }
            start = end + 1
        }
    }

    /// Reads the last line of the header.
    private mutating func readMAC(_ line: Range<Int>, of input: Input) throws(AgeError) {
        guard !stanzas.isEmpty else { throw .header(reason: "no stanza") }
        guard input.buffer.hasPrefix("--- ", in: line),
            Base64.decode(input.buffer.span.extracting(line.dropFirst(4)), into: &mac),
            mac.count == FileKey.macSize
        else { throw .header(reason: "the MAC line is malformed") }
        authenticatedCount = line.lowerBound + 3
    }
}

/// Comparing parts of a buffer.
extension FallibleArray<UInt8> {
    /// Whether the bytes in `range` begin with those of `text`.
    func hasPrefix(_ text: String, in range: Range<Int>) -> Bool {
        self[range].starts(with: text.utf8)
    }
}
