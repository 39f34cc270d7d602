import CKStack
import KStackAny

/// Texts as C wants them, on the heap, and so no secrets.
enum CText {
    /// How many characters of a text are kept: a path or a name in a message may be anything.
    private static let limit = 8192

    /// Copies a text with a NUL behind it; what could steer a terminal becomes a question mark, and a message stays one
    /// line.
    static func make(_ text: String) -> UnsafeMutablePointer<CChar> {
        var shown = String.UnicodeScalarView()
        for scalar in KStackError.withoutPrivateKeys(text).unicodeScalars.prefix(limit) {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: shown.append("?")
            default: shown.append(scalar)
            }
        }
        let bytes = Array(String(shown).utf8)
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count + 1)
        for (index, byte) in bytes.enumerated() {
            unsafe copy[index] = CChar(bitPattern: byte)
        }
        unsafe copy[bytes.count] = 0
        return unsafe copy
    }
}

extension CText {
    /// The beginning of a text of the program that goes on into a message; what is no UTF-8 is replaced.
    ///
    /// No more is read than is kept, so a text without end does no harm.
    static func beginning(of text: UnsafePointer<CChar>, characters: Int) -> String {
        var bytes: [UInt8] = []
        while bytes.count < characters * 4 {
            let byte = unsafe UInt8(bitPattern: text[bytes.count])
            if byte == 0 { break }
            bytes.append(byte)
        }
        return String(
            String.UnicodeScalarView(String(decoding: bytes, as: UTF8.self).unicodeScalars.prefix(characters))
        )
    }
}

/// Texts that C may keep for ever: each is made once and never freed.
enum StaticText {
    /// An address, which may be shared between threads since nobody writes behind it.
    @safe
    struct Pointer: @unchecked Sendable {
        let address: UnsafePointer<CChar>

        init(_ text: String) {
            unsafe address = UnsafePointer(CText.make(text))
        }
    }

    static let empty = Pointer("")
    static let version = Pointer(KSTACK_VERSION)
    static let contextReason = Pointer(ProcessContext.signs.reason)
    static let layerNames = Layer.allCases.map { Pointer($0.name) }
    static let layerNamespaces = Layer.allCases.map { Pointer($0.namespace) }
    static let layerDisplayNames = Layer.allCases.map { Pointer($0.displayName) }
    static let unknownStatus = Pointer("KSTACK_ERROR_UNKNOWN")

    /// The name of a status.
    static func statusName(_ status: kstack_status) -> Pointer {
        guard let index = Int(exactly: status), statusNames.indices.contains(index) else { return unknownStatus }
        return statusNames[index]
    }

    private static let statusNames = [
        "KSTACK_OK", "KSTACK_ERROR_INVALID_ARGUMENT", "KSTACK_ERROR_ENVIRONMENT", "KSTACK_ERROR_CONFIGURATION",
        "KSTACK_ERROR_SERVICE_NOT_FOUND", "KSTACK_ERROR_LAYER_ACCESS", "KSTACK_ERROR_ROUTE", "KSTACK_ERROR_VAULT",
        "KSTACK_ERROR_CLUSTER_API", "KSTACK_ERROR_IO", "KSTACK_ERROR_INTERNAL", "KSTACK_ERROR_CONFLICT",
    ].map { Pointer($0) }
}
