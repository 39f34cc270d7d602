import Sodium

/// One value of a document, or one key.
///
/// It keeps the document alive, and with it the secret memory.
public struct DocumentNode: Sendable {
    /// The kinds of values.
    ///
    /// Whatever a scalar looks like, it is a string.
    public enum Kind: Sendable {
        case scalar
        case null
        case sequence
        case mapping
    }

    /// The tree that the value is part of.
    let document: Document

    /// The index of the value in the tree.
    let index: Int

    /// Whether this is the key of an entry, which is a string even where it is `null` or empty.
    let isKey: Bool

    /// How long a string of configuration may be in bytes; names and addresses are shorter, and a Swift string that
    /// there is no memory for ends the process.
    public static let longestString = 16 << 10

    /// The kind of the value; a key is always a scalar.
    public var kind: Kind {
        switch node.kind {
        case .null: isKey ? .scalar : .null
        case .scalar, .merge, .literal: .scalar
        case .sequence: .sequence
        case .mapping: .mapping
        }
    }

    /// The line on which the value begins, from 1; for an alias, the line of the anchor.
    public var line: Int { Int(node.line) }

    /// How many entries a mapping has, or elements a sequence; 0 for everything else.
    public var count: Int {
        switch node.kind {
        case .mapping: Int(node.count) / 2
        case .sequence: Int(node.count)
        case .scalar, .null, .merge, .literal: 0
        }
    }

    /// The value of a key; nil if this is not a mapping or does not have the key.
    public subscript(key: String) -> DocumentNode? { value(of: key.utf8.span) }

    /// The value of a key that is given as bytes.
    public func value(of key: Span<UInt8>) -> DocumentNode? {
        guard node.kind == .mapping else { return nil }
        for position in 0..<count {
            guard let entry = entry(at: position), entry.key.textSpan.equals(key) else { continue }
            return entry.value
        }
        return nil
    }

    /// An entry of a mapping, in the order of the file; nil if there is none.
    public func entry(at position: Int) -> (key: DocumentNode, value: DocumentNode)? {
        guard node.kind == .mapping, position >= 0, position < count,
            let key = child(position * 2, isKey: true), let value = child(position * 2 + 1, isKey: false)
        else { return nil }
        return (key, value)
    }

    /// An element of a sequence; nil if there is none.
    public func element(at position: Int) -> DocumentNode? {
        guard node.kind == .sequence else { return nil }
        return child(position, isKey: false)
    }

    /// The bytes of a scalar, as written but for quotes and escapes; empty for everything else.
    public var textSpan: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            // The arena of a document never changes, so its address is valid while this value keeps it alive.
            let arena = unsafe document.arena.withUnsafeBytes { unsafe $0 }
            let text = unsafe Span<UInt8>(_unsafeBytes: arena).part(textRange)
            return unsafe _overrideLifetime(text, borrowing: self)
        }
    }

    /// Lends the string to C.
    ///
    /// A NUL follows the bytes, and the address is valid while the document lives.
    public func withUnsafeText<Result: ~Copyable, Failure: Error>(
        _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let text = textSpan
        return unsafe try text.withUnsafeBufferPointer(body)
    }

    /// Whether this is a scalar that is a string in the source; a number or a boolean of JSON is not.
    public var isText: Bool { kind == .scalar && node.kind != .literal }

    /// Whether the string is valid UTF-8.
    ///
    /// After `Document.parse` it always is.
    public var isUTF8: Bool { (try? UTF8Span(validating: textSpan)) != nil }

    /// A copy of a scalar in memory that is not locked: only for configuration, which is not secret.
    ///
    /// It is nil for a null, a sequence and a mapping, and for a string of more than `longestString` bytes.
    public var string: String? {
        guard kind == .scalar, textSpan.count <= Self.longestString, let text = try? UTF8Span(validating: textSpan)
        else { return nil }
        return String(copying: text)
    }

    /// The value as it is stored.
    private var node: Node {
        guard document.nodes.indices.contains(index) else { return Node(kind: .null, line: 0, start: 0, count: 0) }
        return document.nodes[index]
    }

    /// The range of the string in the arena; at the NUL before all strings if there is none.
    private var textRange: Range<Int> { kind == .scalar ? node.range : 0..<0 }

    /// A child by its position.
    private func child(_ position: Int, isKey: Bool) -> DocumentNode? {
        let range = node.range
        guard position >= 0, position < range.count else { return nil }
        let place = range.lowerBound + position
        guard document.children.indices.contains(place) else { return nil }
        return DocumentNode(document: document, index: Int(document.children[place]), isKey: isKey)
    }
}
