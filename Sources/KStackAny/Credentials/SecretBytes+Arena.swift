import Documents
public import Sodium

extension SecretBytes {
    /// Adds a string and a NUL, and returns the range of the string.
    public mutating func appendText(_ text: Span<UInt8>) throws(KStackError) -> Range<Int> {
        let start = count
        try mapError(KStackError.memory) { () throws(SodiumError) in
            try append(text)
            try append(0)
        }
        return start..<(count - 1)
    }

    /// Adds the JSON of a value and a NUL; nil where a string in it is not UTF-8.
    mutating func appendJSON(of value: DocumentNode) throws(KStackError) -> Range<Int>? {
        let json: SecretBytes?
        do throws(DocumentError) {
            json = try value.json()
        } catch {
            throw KStackError(.internal, "no JSON could be made: \(error.description)")
        }
        guard let text = json else { return nil }
        return try appendText(text.span)
    }

    /// Whether a range holds the same bytes as a range of another arena, in time that depends only on their lengths.
    borrowing func constantTimeEquals(
        _ place: Range<Int>,
        _ other: borrowing SecretBytes,
        _ otherPlace: Range<Int>
    ) -> Bool {
        let (bytes, others) = (span, other.span)
        guard place.upperBound <= bytes.count, otherPlace.upperBound <= others.count else { return false }
        return SecretBytes.constantTimeEquals(bytes.extracting(place), others.extracting(otherPlace))
    }

    /// Whether a range holds a name, which is not a secret.
    borrowing func holds(_ name: Span<UInt8>, at place: Range<Int>) -> Bool {
        let bytes = span
        guard place.count == name.count, place.upperBound <= bytes.count else { return false }
        for index in name.indices where bytes[place.lowerBound + index] != name[index] { return false }
        return true
    }
}
