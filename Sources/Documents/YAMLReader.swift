import CYAML
import Sodium

/// libyaml's parser over some bytes, one event at a time.
///
/// Both structures are freed with the reader, on every path.
@safe
struct YAMLReader: ~Copyable {
    /// The kinds of events.
    enum Event {
        case streamStart
        case documentStart
        case scalar
        case alias
        case sequenceStart
        case mappingStart
        case containerEnd
        case documentEnd
        case streamEnd
    }

    /// The kinds of tags.
    enum Tag {
        case none
        case string
        case sequence
        case mapping
        case other
    }

    /// On the heap, since libyaml keeps the parser's address in it.
    private let parser: UnsafeMutablePointer<yaml_parser_t>

    /// The event that `next` returned last.
    private let event: UnsafeMutablePointer<yaml_event_t>

    /// The bytes that are read, to find the line of one that is not a valid character.
    private let input: UnsafeBufferPointer<UInt8>

    /// Where `YAMLText` inserted escapes, in characters.
    private let pairs: FallibleArray<Int>

    /// The index of the first pair after the events so far.
    private var nextPair = 0

    /// The pairs outside of double quotes, by their index: there they are ordinary characters.
    private(set) var literalPairs = FallibleArray<Int>()

    /// The last character that was located, and the byte where it begins.
    private var reached = (character: 0, byte: 0)

    /// The character after the previous event, where that was a scalar or alias, and its line.
    private var endBefore: (character: Int, line: Int)?

    /// The line of a `#` without a space behind it, in place of the value of this event: what follows it is lost.
    private(set) var hiddenLine: Int?

    /// Starts at the beginning of `input`, which must not be empty and must outlive the reader.
    init(_ input: UnsafeBufferPointer<UInt8>, pairs: FallibleArray<Int> = FallibleArray()) throws(DocumentError) {
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        guard unsafe yaml_parser_initialize(parser) == 1 else {
            unsafe parser.deallocate()
            throw .memory(.outOfMemory)
        }
        // Without this two bytes at the beginning of a file could choose UTF-16.
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        unsafe yaml_parser_set_input_string(parser, input.baseAddress, input.count)
        unsafe self.parser = parser
        unsafe event = .allocate(capacity: 1)
        unsafe event.initialize(to: yaml_event_t())
        unsafe self.input = input
        self.pairs = pairs
    }

    deinit {
        unsafe yaml_event_delete(event)
        unsafe event.deallocate()
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
    }

    /// Moves on by one event; string, anchor and tag of the previous one become invalid.
    ///
    /// Nothing comes after `streamEnd`.
    mutating func next() throws(DocumentError) -> Event {
        unsafe yaml_event_delete(event)
        guard unsafe yaml_parser_parse(parser, event) == 1 else { throw failure }
        try mapError(DocumentError.memory, lookAround())
        switch unsafe event.pointee.type {
        case YAML_SCALAR_EVENT: return .scalar
        case YAML_MAPPING_START_EVENT: return .mappingStart
        case YAML_SEQUENCE_START_EVENT: return .sequenceStart
        case YAML_MAPPING_END_EVENT, YAML_SEQUENCE_END_EVENT: return .containerEnd
        case YAML_ALIAS_EVENT: return .alias
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_STREAM_START_EVENT: return .streamStart
        default: return .streamEnd
        }
    }

    /// Checks the text around an event: a comment that may be meant as a value, and pairs that are not escapes.
    private mutating func lookAround() throws(SodiumError) {
        let type = unsafe event.pointee.type
        let (start, end) = unsafe (event.pointee.start_mark.index, event.pointee.end_mark.index)
        hiddenLine = nil
        if let endBefore, isComment(behind: endBefore.character, afterColon: true) { hiddenLine = endBefore.line }
        if type == YAML_SCALAR_EVENT, isPlain, text.isEmpty {
            if isComment(behind: start, afterColon: false) { hiddenLine = hiddenLine ?? line }
        }
        endBefore =
            unsafe type == YAML_SCALAR_EVENT || type == YAML_ALIAS_EVENT
            ? (end, event.pointee.end_mark.line &+ 1) : nil
        guard type == YAML_SCALAR_EVENT else { return }
        let isEscape = unsafe event.pointee.data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE
        while nextPair < pairs.count, pairs[nextPair] < end {
            if pairs[nextPair] >= start, !isEscape { try literalPairs.append(nextPair) }
            nextPair += 1
        }
    }

    /// Whether a `#` without a space behind it follows a character: after a colon and one space, or after spaces.
    private mutating func isComment(behind character: Int, afterColon: Bool) -> Bool {
        guard var index = byte(of: character) else { return false }
        let bytes = unsafe Span(_unsafeElements: input)
        func isBlank(_ index: Int) -> Bool {
            index < bytes.count && (bytes[index] == UInt8(ascii: " ") || bytes[index] == UInt8(ascii: "\t"))
        }
        while isBlank(index) { index += 1 }
        if afterColon {
            guard index < bytes.count, bytes[index] == UInt8(ascii: ":"), isBlank(index + 1) else { return false }
            index += 2
        }
        guard index + 1 < bytes.count, bytes[index] == UInt8(ascii: "#"), !isBlank(index + 1) else { return false }
        return bytes[index + 1] != UInt8(ascii: "\n") && bytes[index + 1] != UInt8(ascii: "\r")
    }

    /// The byte where a character begins; nil for one before the last that was asked for.
    private mutating func byte(of character: Int) -> Int? {
        let bytes = unsafe Span(_unsafeElements: input)
        guard character >= reached.character else { return nil }
        while reached.character < character, reached.byte < bytes.count {
            reached.byte += 1
            while reached.byte < bytes.count, bytes[reached.byte] & 0xC0 == 0x80 { reached.byte += 1 }
            reached.character += 1
        }
        return reached.byte
    }

    /// The line on which the event begins, from 1.
    var line: Int { unsafe event.pointee.start_mark.line &+ 1 }

    /// The range of the event, in characters.
    var place: Range<Int> {
        let (start, end) = unsafe (event.pointee.start_mark.index, event.pointee.end_mark.index)
        return start..<max(start, end)
    }

    /// The column on which the event begins, from 0.
    var column: Int { unsafe event.pointee.start_mark.column }

    /// Whether a sequence or mapping is written in brackets or braces.
    var isFlow: Bool {
        switch unsafe event.pointee.type {
        case YAML_SEQUENCE_START_EVENT: unsafe event.pointee.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE
        case YAML_MAPPING_START_EVENT: unsafe event.pointee.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
        default: false
        }
    }

    /// The bytes of a scalar.
    var text: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            let scalar = unsafe event.pointee.data.scalar
            let length = unsafe event.pointee.type == YAML_SCALAR_EVENT ? scalar.length : 0
            let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: length)
            return unsafe _overrideLifetime(Span(_unsafeElements: bytes), borrowing: self)
        }
    }

    /// Whether the scalar is neither quoted nor tagged, so that it can be a null or a merge key.
    var isPlain: Bool {
        unsafe event.pointee.type == YAML_SCALAR_EVENT
            && event.pointee.data.scalar.style == YAML_PLAIN_SCALAR_STYLE
            && event.pointee.data.scalar.plain_implicit != 0
    }

    /// Whether the value is only a `!`, a tag without a value.
    var isLoneMark: Bool {
        unsafe event.pointee.type == YAML_SCALAR_EVENT
            && event.pointee.data.scalar.style == YAML_PLAIN_SCALAR_STYLE
            && event.pointee.data.scalar.plain_implicit == 0
            && event.pointee.data.scalar.length == 0 && tag == .none
    }

    /// The anchor of the value, or the name of the alias; empty if there is none.
    var anchor: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            let name = unsafe anchorAddress
            let bytes = unsafe UnsafeBufferPointer(start: name, count: YAMLReader.length(of: name))
            return unsafe _overrideLifetime(Span(_unsafeElements: bytes), borrowing: self)
        }
    }

    /// The tag of the value.
    var tag: Tag {
        let address = unsafe tagAddress
        guard let address = unsafe address else { return .none }
        let bytes = unsafe UnsafeBufferPointer(start: address, count: YAMLReader.length(of: address))
        let name = unsafe Span(_unsafeElements: bytes)
        if name.isEmpty || name.equals("!".utf8.span) { return .none }
        if name.equals("tag:yaml.org,2002:str".utf8.span) { return .string }
        if name.equals("tag:yaml.org,2002:seq".utf8.span) { return .sequence }
        if name.equals("tag:yaml.org,2002:map".utf8.span) { return .mapping }
        return .other
    }

    /// The address of the anchor in libyaml's event.
    private var anchorAddress: UnsafeMutablePointer<yaml_char_t>? {
        switch unsafe event.pointee.type {
        case YAML_SCALAR_EVENT: unsafe event.pointee.data.scalar.anchor
        case YAML_ALIAS_EVENT: unsafe event.pointee.data.alias.anchor
        case YAML_SEQUENCE_START_EVENT: unsafe event.pointee.data.sequence_start.anchor
        case YAML_MAPPING_START_EVENT: unsafe event.pointee.data.mapping_start.anchor
        default: nil
        }
    }

    /// The address of the tag in libyaml's event.
    private var tagAddress: UnsafeMutablePointer<yaml_char_t>? {
        switch unsafe event.pointee.type {
        case YAML_SCALAR_EVENT: unsafe event.pointee.data.scalar.tag
        case YAML_SEQUENCE_START_EVENT: unsafe event.pointee.data.sequence_start.tag
        case YAML_MAPPING_START_EVENT: unsafe event.pointee.data.mapping_start.tag
        default: nil
        }
    }

    /// The length of a C string.
    private static func length(of text: UnsafeMutablePointer<yaml_char_t>?) -> Int {
        guard let text = unsafe text else { return 0 }
        var count = 0
        while unsafe text[count] != 0 { count &+= 1 }
        return count
    }

    /// Translates the parser's error.
    private var failure: DocumentError {
        let problem = unsafe parser.pointee.problem.map { unsafe String(cString: $0) } ?? "the input ends early"
        switch unsafe parser.pointee.error {
        case YAML_MEMORY_ERROR:
            return .memory(.outOfMemory)
        case YAML_READER_ERROR:
            // libyaml has two kinds of error here: a character that YAML forbids, and bytes that are not UTF-8.
            guard problem.utf8.first == UInt8(ascii: "c") else { return .notUTF8 }
            return position(of: unsafe parser.pointee.problem_offset, problem: problem)
        default:
            let mark = unsafe parser.pointee.problem_mark
            if isTab(at: mark.index) { return .tab(line: mark.line &+ 1) }
            return .syntax(line: mark.line &+ 1, column: mark.column &+ 1, problem: problem)
        }
    }

    /// Whether a character of the input is a tab.
    private func isTab(at character: Int) -> Bool {
        let bytes = unsafe Span(_unsafeElements: input)
        var count = 0
        for index in bytes.indices where bytes[index] & 0xC0 != 0x80 {
            if count == character { return bytes[index] == UInt8(ascii: "\t") }
            count += 1
        }
        return false
    }

    /// A syntax error at a byte of the input: libyaml has no line for what it refuses while it reads ahead.
    private func position(of offset: Int, problem: String) -> DocumentError {
        var line = 1
        var column = 1
        let bytes = unsafe Span(_unsafeElements: input)
        for index in 0..<min(max(offset, 0), bytes.count) {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        return .syntax(line: line, column: column, problem: problem)
    }
}
