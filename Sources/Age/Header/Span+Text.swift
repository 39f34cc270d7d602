/// Looking for strings in bytes.
extension Span<UInt8> {
    /// Whether the bytes begin with those of `text`.
    func hasPrefix(_ text: String) -> Bool {
        guard count >= text.utf8.count else { return false }
        var index = 0
        for byte in text.utf8 {
            guard self[index] == byte else { return false }
            index += 1
        }
        return true
    }

    /// Where `text` first begins, at `start` or later.
    func firstIndex(of text: String, from start: Int = 0) -> Int? {
        var index = start
        while index < count {
            if extracting(droppingFirst: index).hasPrefix(text) { return index }
            index += 1
        }
        return nil
    }
}
