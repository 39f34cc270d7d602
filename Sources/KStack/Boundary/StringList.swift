import KStackAny
import Sodium

/// An immutable list of NUL-terminated strings, which C can read in place.
///
/// They are not secret (names, paths, messages), and in ordinary memory.
final class StringList: Sendable {
    private let bytes: FallibleArray<CChar>
    private let starts: FallibleArray<Int>

    /// Copies strings, each with a NUL after it.
    init(_ strings: some Sequence<String>) throws(KStackError) {
        var starts = FallibleArray<Int>()
        var bytes = FallibleArray<CChar>()
        try mapError(KStackError.memory) { () throws(SodiumError) in
            for string in strings {
                try starts.append(bytes.count)
                for byte in string.utf8 { try bytes.append(CChar(bitPattern: byte)) }
                try bytes.append(0)
            }
        }
        self.starts = starts
        self.bytes = bytes
    }

    /// How many strings there are.
    var count: Int { starts.count }

    /// The address of the string at a position; nil past the end.
    func address(at position: Int) -> UnsafePointer<CChar>? {
        guard starts.indices.contains(position), let base = unsafe bytes.start else { return nil }
        return unsafe base + starts[position]
    }
}
