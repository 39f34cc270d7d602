import System

/// The certificates of those who may vouch for the API server, in PEM form.
final class Authorities: Sendable {
    /// The largest file that is taken for certificates.
    static let largestFile = 1 << 20

    /// The version of the file that they were read from.
    let version: FileVersion

    /// The file as it is.
    let bytes: [UInt8]

    /// Takes the content of a file.
    init(_ bytes: [UInt8], version: FileVersion) {
        self.bytes = bytes
        self.version = version
    }

    /// Lends the bytes to C.
    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        unsafe bytes.withUnsafeBytes(body)
    }
}
