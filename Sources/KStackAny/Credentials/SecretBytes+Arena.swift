import Documents
public import Sodium
import System

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

    borrowing func parseJSON(at place: Range<Int>) throws(DocumentError) -> Document {
        try .parse(json: span.extracting(place))
    }

    borrowing func copy(of place: Range<Int>) throws(KStackError) -> SecretBytes {
        let bytes = span
        guard place.upperBound <= bytes.count else { throw KStackError(.internal, "a value is out of range") }
        return try mapError(KStackError.memory, SecretBytes(copying: bytes.extracting(place)))
    }

    /// Adds a value to a mapping, under the name in a range.
    borrowing func append(
        _ place: Range<Int>,
        to builder: inout MappingBuilder,
        asAt name: Range<Int>
    ) throws(DocumentError) {
        let bytes = span
        guard place.upperBound <= bytes.count, name.upperBound <= bytes.count else { return }
        try builder.append(bytes.extracting(name), text: bytes.extracting(place))
    }

    /// Adds a value to a mapping.
    borrowing func append(
        _ place: Range<Int>,
        to builder: inout MappingBuilder,
        as name: String
    ) throws(DocumentError) {
        let bytes = span
        guard place.upperBound <= bytes.count else { return }
        try builder.append(name.utf8.span, text: bytes.extracting(place))
    }

    /// Whether a range holds a NUL.
    borrowing func holdsNUL(_ place: Range<Int>) -> Bool {
        let bytes = span
        guard place.upperBound <= bytes.count else { return true }
        return place.contains { bytes[$0] == 0 }
    }

    /// A copy of a string that is not a secret; empty for one that is longer than any name or path.
    borrowing func text(at place: Range<Int>) -> String {
        let bytes = span
        guard place.count <= ProcessEnvironment.longestString, place.upperBound <= bytes.count,
            let text = try? UTF8Span(validating: bytes.extracting(place))
        else {
            return ""
        }
        return String(copying: text)
    }
}
