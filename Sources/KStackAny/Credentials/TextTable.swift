public import Sodium

/// A list of texts that never changes, each with a NUL behind it, so that it can be lent to C as it lies.
public final class TextTable: Sendable {
    /// The memory that the ranges point into.
    public let arena: SecretBytes

    private let places: [Range<Int>]

    /// Copies texts.
    public init(_ texts: [String]) throws(KStackError) {
        var arena = try KStackError.inMemory { () throws(SodiumError) in try SecretBytes(minimumCapacity: 0) }
        var places: [Range<Int>] = []
        places.reserveCapacity(texts.count)
        for text in texts { places.append(try arena.appendText(text.utf8.span)) }
        self.places = places
        self.arena = arena
    }

    /// How many texts there are.
    public var count: Int { places.count }

    /// Where the text at a position lies; nil past the end.
    public func place(at position: Int) -> Range<Int>? {
        places.indices.contains(position) ? places[position] : nil
    }
}
