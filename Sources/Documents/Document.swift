import Sodium

/// The one document of a YAML file: an immutable tree whose strings are in one piece of secret memory.
///
/// The strings are wiped when the document and the last `DocumentNode` of it are gone.
public final class Document: Sendable {
    /// All values; the first is the root.
    let nodes: FallibleArray<Node>

    /// The children of every sequence and mapping, those of each together, as indices of `nodes`.
    let children: FallibleArray<UInt32>

    /// The strings, NUL-terminated.
    let arena: SecretBytes

    /// Makes a document from the parts of a builder.
    init(nodes: FallibleArray<Node>, children: FallibleArray<UInt32>, arena: consuming SecretBytes) {
        self.nodes = nodes
        self.children = children
        self.arena = arena
    }

    /// Reads a YAML file: UTF-8 with or without a byte order mark, and at most one document.
    ///
    /// A file without any value is a document whose root is null.
    ///
    /// - Throws: every case of `DocumentError`, whatever the bytes are; no input ends the process.
    public static func parse(
        yaml: Span<UInt8>,
        limits: DocumentLimits = .standard
    ) throws(DocumentError) -> Document {
        // Offsets are stored in 32 bits, and an anchor or a NUL adds to the bytes of the file.
        guard yaml.count <= limits.bytes, yaml.count <= Int(UInt32.max / 4) else { throw .tooLarge }
        let start = hasByteOrderMark(yaml) ? 3 : 0
        let text = yaml.extracting(start..<yaml.count)
        guard YAMLText.isNeeded(for: text) else { return try read(text, limits, nil).finish() }
        // Each round finds more pairs that are not escapes, as in a shell command in single quotes.
        var literal = FallibleArray<Int>()
        for _ in 0..<16 {
            let prepared = try YAMLText(text, literal: literal)
            let outcome = try read(prepared.bytes.span, limits, prepared)
            let found = outcome.literal
            if found.isEmpty { return try outcome.finish() }
            try mapError(DocumentError.memory) { () throws(SodiumError) in
                try literal.append(contentsOf: found)
                try literal.sort(by: <)
            }
        }
        throw .syntax(line: 1, column: 1, problem: "escapes of surrogate pairs in many places outside of double quotes")
    }

    /// The outermost value; null where the file has none.
    public var root: DocumentNode { DocumentNode(document: self, index: 0, isKey: false) }

    /// Passes the events of a file to a builder.
    ///
    /// - Parameter prepared: the text that `yaml` belongs to, where it is not the file itself.
    private static func read(
        _ yaml: Span<UInt8>,
        _ limits: DocumentLimits,
        _ prepared: YAMLText?
    ) throws(DocumentError) -> Outcome {
        var builder = try TreeBuilder(limits: limits, size: yaml.count, text: prepared)
        guard !yaml.isEmpty else { return Outcome(builder: builder, literal: FallibleArray()) }
        try refuseTagDirectives(in: yaml)
        let literal = unsafe try yaml.withUnsafeBufferPointer { (bytes) throws(DocumentError) -> FallibleArray<Int> in
            var reader = unsafe try YAMLReader(bytes, pairs: prepared?.pairs ?? FallibleArray())
            while try builder.take(reader.next(), from: reader) {}
            return reader.literalPairs
        }
        return Outcome(builder: builder, literal: literal)
    }

    /// The result of reading a file.
    private struct Outcome: ~Copyable {
        var builder: TreeBuilder

        /// The pairs that look like escapes of surrogates, and are ordinary characters.
        let literal: FallibleArray<Int>

        consuming func finish() throws(DocumentError) -> Document {
            try builder.finish()
        }
    }

    /// Whether the bytes begin with U+FEFF, which libyaml counts as a column once the encoding is given.
    private static func hasByteOrderMark(_ yaml: Span<UInt8>) -> Bool {
        yaml.count >= 3 && yaml[0] == 0xEF && yaml[1] == 0xBB && yaml[2] == 0xBF
    }

    /// Refuses a long list of `%TAG` lines.
    ///
    /// libyaml compares each with all before it, which takes hours for a large file.
    private static func refuseTagDirectives(in yaml: Span<UInt8>) throws(DocumentError) {
        var found = 0
        var line = 1
        var previous = UInt8(ascii: "\n")
        for index in yaml.indices {
            let byte = yaml[index]
            if byte == UInt8(ascii: "%"), endsLine(previous), isTagDirective(yaml, at: index) {
                found += 1
                guard found <= 16 else { throw .tag(line: line) }
            }
            if byte == UInt8(ascii: "\n") { line += 1 }
            previous = byte
        }
    }

    /// Whether a byte is the last of one of libyaml's line breaks: CR, LF, and in UTF-8 U+0085, U+2028, U+2029.
    private static func endsLine(_ byte: UInt8) -> Bool {
        byte == 0x0A || byte == 0x0D || byte == 0x85 || byte == 0xA8 || byte == 0xA9
    }

    /// Whether `%TAG` is at an index.
    private static func isTagDirective(_ yaml: Span<UInt8>, at index: Int) -> Bool {
        let name = yaml.part(min(index + 1, yaml.count)..<min(index + 4, yaml.count))
        return name.equals("TAG".utf8.span)
    }
}
