public import Sodium

extension Credentials {
    /// What the credentials were read from; not a secret.
    public var sourceText: String { arena.text(at: source) }

    /// A value that is not a secret, as a string; nil where it is absent or empty.
    func text(named name: String) -> String? {
        guard let place = value(named: name.utf8.span), !place.isEmpty else { return nil }
        return arena.text(at: place)
    }

    /// Whether others have the same names with the same bytes, in the same order.
    package func hasSameValues(as other: Credentials) -> Bool {
        guard count == other.count else { return false }
        for position in 0..<count {
            guard nameText(at: position) == other.nameText(at: position), let own = value(at: position),
                let value = other.value(at: position), arena.constantTimeEquals(own, other.arena, value)
            else { return false }
        }
        return true
    }

    /// The name at a position, which is not a secret; empty past the end.
    public func nameText(at position: Int) -> String {
        name(at: position).map { arena.text(at: $0) } ?? ""
    }

    /// A copy of the bytes in a range.
    public func copy(of place: Range<Int>) throws(KStackError) -> SecretBytes {
        try arena.copy(of: place)
    }

    /// Whether some value is not empty.
    public var holdsAnything: Bool {
        (0..<count).contains { value(at: $0)?.isEmpty == false }
    }
}
