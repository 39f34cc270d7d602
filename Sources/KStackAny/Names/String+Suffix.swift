extension StringProtocol {
    /// Whether it ends with the bytes of another string.
    ///
    /// To `hasSuffix`, which compares characters, a dot and some of the characters before it are one.
    package func hasByteSuffix(_ suffix: String) -> Bool {
        utf8.reversed().starts(with: suffix.utf8.reversed())
    }

    /// What stands before a suffix; nil where it has another.
    package func droppingByteSuffix(_ suffix: String) -> String? {
        hasByteSuffix(suffix) ? String(decoding: utf8.dropLast(suffix.utf8.count), as: UTF8.self) : nil
    }
}
