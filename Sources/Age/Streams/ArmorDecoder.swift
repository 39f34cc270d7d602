import Sodium

/// Reads ASCII armor: strict PEM (RFC 7468, section 3, figure 3) with LF or CRLF at the ends of lines, and white space
/// before and after (C2SP age, section "ASCII armor").
struct ArmorDecoder {
    /// The first line of the armor.
    static let begin = "-----BEGIN AGE ENCRYPTED FILE-----"

    /// The last line of the armor.
    static let end = "-----END AGE ENCRYPTED FILE-----"

    /// How many bytes a full line of 64 characters stands for.
    static let bytesPerLine = 48

    /// How much white space is allowed before, and how much after.
    static let whiteSpaceLimit = 1024

    /// Text that was read ahead from the source.
    private var text: [UInt8]

    /// The index of the next character of `text`.
    private var position = 0

    /// The index behind the last character in `text` that was read.
    private var limit: Int

    /// The line read last, without its end.
    private var line: [UInt8] = []

    /// The decoded bytes of `line`.
    private var decoded: [UInt8] = []

    /// Whether the BEGIN line was read.
    private var hasBegun = false

    /// Whether a short line was read, after which only the END line may come.
    private var mustEnd = false

    /// Continues from text that was already read: the first `count` bytes of `text`.
    init(text: [UInt8], count: Int) {
        self.text = text
        self.limit = count
        line.reserveCapacity(66)
        decoded.reserveCapacity(Self.bytesPerLine)
    }

    /// Whether a byte is white space as allowed around the armor.
    static func isWhiteSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || (0x09...0x0d).contains(byte)
    }

    /// Decodes the next line into `buffer` from `offset` on, where there must be room for 48 bytes.
    ///
    /// - Returns: the number of bytes; 0 once the armor, and everything after it, was read and is valid.
    mutating func decodeLine<Source: ByteSource & ~Copyable>(
        from source: inout Source,
        into buffer: inout FallibleArray<UInt8>,
        at offset: Int
    ) throws(AgeError) -> Int {
        if !hasBegun {
            try readBegin(from: &source)
            hasBegun = true
        }
        guard try readLine(from: &source) else { throw .armor(reason: "the armor has no END line") }
        if line.elementsEqual(Self.end.utf8) {
            try readWhiteSpace(from: &source)
            return 0
        }
        // Only the last line may be short: RFC 7468's strict form has one encoding for every content.
        guard !mustEnd else { throw .armor(reason: "a line of the armor is too short, or the END line is wrong") }
        guard !line.isEmpty, line.count <= 64, decodeLine() else {
            throw .armor(reason: "a line of the armor is not canonical Base64 of at most 64 characters")
        }
        mustEnd = decoded.count < Self.bytesPerLine
        let decoded = decoded
        try buffer.withMutableElements(or: AgeError.memory) { (bytes) throws(AgeError) in
            for index in decoded.indices { bytes[offset + index] = decoded[index] }
        }
        return decoded.count
    }

    /// Decodes `line` into `decoded`; false if it is not canonical.
    private mutating func decodeLine() -> Bool {
        // A local variable, since two parts of one value cannot be lent and changed at once.
        var bytes: [UInt8] = []
        swap(&bytes, &decoded)
        bytes.removeAll(keepingCapacity: true)
        let isCanonical = Base64.decodePadded(line.span, into: &bytes)
        swap(&bytes, &decoded)
        return isCanonical
    }

    /// Reads white space and the BEGIN line.
    private mutating func readBegin<Source: ByteSource & ~Copyable>(from source: inout Source) throws(AgeError) {
        var skipped = 0
        // The BEGIN line begins at the start of a line.
        var isAtStart = true
        while let byte = try peek(from: &source), Self.isWhiteSpace(byte) {
            position += 1
            skipped += 1
            isAtStart = byte == UInt8(ascii: "\n")
            guard skipped <= Self.whiteSpaceLimit else { throw .armor(reason: "too much white space before the armor") }
        }
        guard isAtStart, try readLine(from: &source), line.elementsEqual(Self.begin.utf8) else {
            throw .armor(reason: "neither an age file nor one that begins with the line \(Self.begin)")
        }
    }

    /// Reads up to the end of the source, where only white space may be.
    private mutating func readWhiteSpace<Source: ByteSource & ~Copyable>(from source: inout Source) throws(AgeError) {
        var skipped = 0
        while let byte = try peek(from: &source) {
            position += 1
            skipped += 1
            guard Self.isWhiteSpace(byte), skipped <= Self.whiteSpaceLimit else {
                throw .armor(reason: "something follows the armor")
            }
        }
    }

    /// Reads a line into `line`, without what ends it; false at the end of the source.
    private mutating func readLine<Source: ByteSource & ~Copyable>(from source: inout Source) throws(AgeError) -> Bool {
        line.removeAll(keepingCapacity: true)
        while let byte = try peek(from: &source) {
            position += 1
            if byte == UInt8(ascii: "\n") {
                if line.last == UInt8(ascii: "\r") { line.removeLast() }
                return true
            }
            guard line.count < 65 else { throw .armor(reason: "a line of the armor is too long") }
            line.append(byte)
        }
        return !line.isEmpty
    }

    /// The next byte of the text, nil at the end of the source.
    private mutating func peek<Source: ByteSource & ~Copyable>(from source: inout Source) throws(AgeError) -> UInt8? {
        if position == limit {
            position = 0
            limit = try source.read(into: &text, from: 0)
            if limit == 0 { return nil }
        }
        return text[position]
    }
}
