import Sodium

/// A stream of bytes to read.
public protocol ByteSource: ~Copyable {
    /// Reads up to `buffer.count` bytes into the start of `buffer`.
    ///
    /// - Returns: how many bytes were read; 0 is the end.
    mutating func read(into buffer: inout MutableSpan<UInt8>) throws(AgeError) -> Int
}

/// Reading into arrays.
extension ByteSource where Self: ~Copyable {
    /// As `read`, into the part of an array from `offset` on, with a check of the count that the source returns.
    ///
    /// - Throws: `source` also where the source claims to have read more than there was room for.
    mutating func read(into bytes: inout [UInt8], from offset: Int) throws(AgeError) -> Int {
        var whole = bytes.mutableSpan
        var room = whole._mutatingExtracting(droppingFirst: offset)
        let count = try read(into: &room)
        guard count >= 0, count <= room.count else { throw .source(errno: ErrorNumber.io) }
        return count
    }

    /// The same, into memory whose allocation may fail.
    mutating func read(into bytes: inout FallibleArray<UInt8>, from offset: Int) throws(AgeError) -> Int {
        try bytes.withMutableElements(or: AgeError.memory) { (whole) throws(AgeError) in
            var room = whole._mutatingExtracting(droppingFirst: offset)
            let count = try read(into: &room)
            guard count >= 0, count <= room.count else { throw .source(errno: ErrorNumber.io) }
            return count
        }
    }
}

/// The values of errno that this target raises, as on Linux; it imports no C library.
enum ErrorNumber {
    /// `EIO`.
    static let io: Int32 = 5
}
