/// A list of strings that never changes, each with a NUL behind it, so that it can be lent to C as it lies.
///
/// They are no secrets: names, paths, messages. So they are in ordinary memory.
@safe
final class StringList: @unchecked Sendable {
    private let bytes: UnsafeMutableBufferPointer<CChar>
    private let starts: [Int]

    /// Copies strings.
    init(_ strings: [String]) {
        var starts: [Int] = []
        starts.reserveCapacity(strings.count)
        var size = 0
        for string in strings {
            starts.append(size)
            size += string.utf8.count + 1
        }
        self.starts = starts
        unsafe bytes = .allocate(capacity: size)
        var position = 0
        for string in strings {
            for byte in string.utf8 {
                unsafe bytes[position] = CChar(bitPattern: byte)
                position += 1
            }
            unsafe bytes[position] = 0
            position += 1
        }
    }

    deinit {
        unsafe bytes.deallocate()
    }

    /// How many strings there are.
    var count: Int { starts.count }

    /// The address of the string at a position; nil past the end.
    func address(at position: Int) -> UnsafePointer<CChar>? {
        guard starts.indices.contains(position), let base = unsafe bytes.baseAddress else { return nil }
        return unsafe UnsafePointer(base + starts[position])
    }
}
