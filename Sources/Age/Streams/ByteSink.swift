/// A stream that takes authenticated plaintext, or ciphertext.
public protocol ByteSink: ~Copyable {
    /// Takes all of `bytes`, or fails.
    mutating func write(_ bytes: Span<UInt8>) throws(AgeError)

    /// Reads what is written from now on; nil for a sink that cannot be read.
    var reader: (any SinkReader)? { get }
}

extension ByteSink where Self: ~Copyable {
    /// Most sinks cannot be read.
    public var reader: (any SinkReader)? { nil }
}

/// Reads what was written to a sink, from several threads at once.
public protocol SinkReader: Sendable {
    /// Fills `bytes` with what the sink has.
    ///
    /// - Parameter offset: where, counted from where the sink was when the reader was made.
    /// - Throws: `notReadBack` where the sink has less; `sink`.
    func read(into bytes: inout MutableSpan<UInt8>, at offset: Int) throws(AgeError)
}
