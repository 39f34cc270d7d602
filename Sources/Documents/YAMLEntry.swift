/// The place of a mapping's entry in a file, to change it without changing anything else.
public enum YAMLEntry: Equatable, Sendable {
    /// The entry exists: the range from its key on, and that of its value, both in bytes.
    case present(entry: Range<Int>, value: Range<Int>, isScalar: Bool)

    /// It does not exist, but its mapping, or one around it, does: the byte after that one's last entry, the column of
    /// its keys, and how many keys of the path lead to it.
    case absent(end: Int, column: Int, depth: Int)

    /// It would be in braces, or in something that is not a mapping.
    case unreachable(line: Int)

    /// An open mapping.
    private struct Frame {
        /// How many keys of the path lead to it; nil where it is not on the path.
        let depth: Int?
        let isMapping: Bool
        let isFlow: Bool
        let column: Int
        var key: (start: Int, isNext: Bool)?
        var lastEnd: Int
    }

    /// Finds the entry under a path of keys.
    ///
    /// - Throws: as `Document.parse`.
    public static func find(_ path: [String], in yaml: Span<UInt8>) throws(DocumentError) -> YAMLEntry {
        guard !path.isEmpty, !yaml.isEmpty else { return .absent(end: yaml.count, column: 0, depth: 0) }
        let places = try characters(path, yaml)
        let offsets = Offsets(yaml)
        switch places {
        case .present(let entry, let value, let isScalar):
            return .present(
                entry: offsets[entry.lowerBound]..<offsets[entry.upperBound],
                value: offsets[value.lowerBound]..<offsets[value.upperBound],
                isScalar: isScalar
            )
        case .absent(let end, let column, let depth):
            return .absent(end: offsets[end], column: column, depth: depth)
        case .unreachable: return places
        }
    }

    /// As above, in characters.
    private static func characters(_ path: [String], _ yaml: Span<UInt8>) throws(DocumentError) -> YAMLEntry {
        unsafe try yaml.withUnsafeBufferPointer { (bytes) throws(DocumentError) -> YAMLEntry in
            var reader = unsafe try YAMLReader(bytes)
            var frames: [Frame] = []
            // The wanted value, where it is a container: its start, and how many frames are around it.
            var wanted: (start: Int, value: Int, around: Int)?
            var deepest: YAMLEntry?
            var end = 0
            while true {
                let event = try reader.next()
                let place = reader.place
                switch event {
                case .streamEnd: return deepest ?? .absent(end: end, column: 0, depth: 0)
                case .documentEnd: end = place.lowerBound
                case .scalar, .alias:
                    guard var frame = frames.popLast() else {
                        // A file without any value has one empty scalar.
                        if event == .scalar, reader.text.isEmpty { continue }
                        return .unreachable(line: reader.line)
                    }
                    if frame.isMapping, frame.key == nil {
                        let isNext =
                            frame.depth.map { event == .scalar && reader.text.equals(path[$0].utf8.span) } ?? false
                        frame.key = (place.lowerBound, isNext)
                    } else {
                        if let key = frame.key, key.isNext, let depth = frame.depth {
                            if depth + 1 < path.count, !frame.isFlow, event == .scalar, place.isEmpty {
                                // A key without a value is a mapping that has no entries yet.
                                return .absent(end: place.upperBound, column: frame.column + 2, depth: depth + 1)
                            }
                            guard depth + 1 == path.count, !frame.isFlow else { return .unreachable(line: reader.line) }
                            return .present(
                                entry: key.start..<place.upperBound,
                                value: place,
                                isScalar: event == .scalar
                            )
                        }
                        frame.key = nil
                        frame.lastEnd = place.upperBound
                    }
                    frames.append(frame)
                case .mappingStart, .sequenceStart:
                    var depth: Int?
                    if let last = frames.last {
                        if let key = last.key, key.isNext, let own = last.depth {
                            if own + 1 == path.count {
                                if last.isFlow { return .unreachable(line: reader.line) }
                                wanted = (key.start, place.lowerBound, frames.count)
                            } else if event == .mappingStart {
                                depth = own + 1
                            } else {
                                return .unreachable(line: reader.line)
                            }
                        }
                    } else {
                        guard event == .mappingStart else { return .unreachable(line: reader.line) }
                        depth = 0
                    }
                    frames.append(
                        Frame(
                            depth: depth,
                            isMapping: event == .mappingStart,
                            isFlow: reader.isFlow,
                            column: reader.column,
                            lastEnd: place.upperBound
                        )
                    )
                case .containerEnd:
                    guard let frame = frames.popLast() else { continue }
                    let last = frame.isFlow ? place.upperBound : frame.lastEnd
                    if let wanted, wanted.around == frames.count {
                        return .present(entry: wanted.start..<last, value: wanted.value..<last, isScalar: false)
                    }
                    if let depth = frame.depth, deepest == nil {
                        if frame.isFlow { return .unreachable(line: reader.line) }
                        deepest = .absent(end: frame.lastEnd, column: frame.column, depth: depth)
                    }
                    if !frames.isEmpty {
                        frames[frames.count - 1].key = nil
                        frames[frames.count - 1].lastEnd = last
                    }
                case .streamStart, .documentStart: continue
                }
            }
        }
    }
}

/// The byte offsets at which characters begin.
private struct Offsets: ~Escapable {
    private let text: Span<UInt8>

    @_lifetime(copy text)
    init(_ text: Span<UInt8>) {
        self.text = text
    }

    /// Scans the text each time: a list of all offsets would be eight times as long as the text.
    subscript(character: Int) -> Int {
        var count = 0
        for index in text.indices where text[index] & 0xC0 != 0x80 {
            if count == character { return index }
            count += 1
        }
        return text.count
    }
}
