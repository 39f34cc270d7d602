import CKStack
import KStackAny

/// C strings on the heap, so not for secrets.
enum CString {
    /// How many characters are kept: a path or a name in a message may be anything.
    private static let limit = 8192

    /// Copies a string, NUL-terminated; control characters become question marks, so that a message stays one line and
    /// does not steer a terminal.
    static func copy(_ string: String) -> UnsafeMutablePointer<CChar> {
        var shown = String.UnicodeScalarView()
        for scalar in KStackError.withoutPrivateKeys(string).unicodeScalars.prefix(limit) {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: shown.append("?")
            default: shown.append(scalar)
            }
        }
        return unsafe terminated(String(shown))
    }

    /// Copies a path for programs, NUL-terminated, without changes; "" for one that holds a private key.
    static func copyPath(_ path: String) -> UnsafeMutablePointer<CChar> {
        unsafe terminated(KStackError.holdsPrivateKey(path) ? "" : path)
    }

    private static func terminated(_ string: String) -> UnsafeMutablePointer<CChar> {
        let bytes = Array(string.utf8)
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count + 1)
        for (index, byte) in bytes.enumerated() {
            unsafe copy[index] = CChar(bitPattern: byte)
        }
        unsafe copy[bytes.count] = 0
        return unsafe copy
    }

    /// The beginning of a string of the program, for a message; what is not UTF-8 is replaced.
    ///
    /// No more is read than is kept, so an unterminated string does no harm.
    static func beginning(of string: UnsafePointer<CChar>, characters: Int) -> String {
        var bytes: [UInt8] = []
        while bytes.count < characters * 4 {
            let byte = unsafe UInt8(bitPattern: string[bytes.count])
            if byte == 0 { break }
            bytes.append(byte)
        }
        return String(
            String.UnicodeScalarView(String(decoding: bytes, as: UTF8.self).unicodeScalars.prefix(characters))
        )
    }
}

/// A string that C may keep: it is made once and never freed.
///
/// Threads may share its address, since nobody writes to it.
@safe
struct StaticCString: @unchecked Sendable {
    let address: UnsafePointer<CChar>

    init(_ string: String) {
        unsafe address = UnsafePointer(CString.copy(string))
    }

    static let empty = StaticCString("")
    static let version = StaticCString(KSTACK_VERSION)
    static let contextReason = StaticCString(ProcessContext.signs.reason)
    static let layerNames = Layer.allCases.map { StaticCString($0.name) }
    static let layerNamespaces = Layer.allCases.map { StaticCString($0.namespace) }
    static let layerDisplayNames = Layer.allCases.map { StaticCString($0.displayName) }
    static let unknownStatus = StaticCString("KSTACK_ERROR_UNKNOWN")

    /// The name of a status.
    static func statusName(_ status: kstack_status) -> StaticCString {
        statusNames[status] ?? unknownStatus
    }

    private static let statusNames = KStackError.Code.allCases.reduce(into: [KSTACK_OK: StaticCString("KSTACK_OK")]) {
        $0[$1.status] = StaticCString($1.constant.name)
    }
}
