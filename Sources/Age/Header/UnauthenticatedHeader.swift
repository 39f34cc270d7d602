import Sodium

/// The header of a file, read once, to look at its stanzas and try keys on it.
public struct UnauthenticatedHeader {
    private let header: Header
    private let input: Input

    /// Reads the header at the start of a file.
    ///
    /// - Throws: `header`, `armor`, `memory`; what the source throws.
    public init<Source: ByteSource & ~Copyable>(of source: inout Source) throws(AgeError) {
        var input = Input()
        header = try Header(of: &input, from: &source)
        self.input = input
    }

    /// The stanzas, which are not authenticated: good for hints only.
    public var stanzas: [Stanza] { header.stanzas }

    /// Unwraps the key of the file and checks the MAC, but not the payload.
    ///
    /// - Throws: `noMatch`, `header`, `headerAuthentication`, `memory`.
    public func authenticate(with key: DecryptionKey) throws(AgeError) {
        _ = try header.fileKey(in: input, with: key)
    }
}
