import Foundation

/// The header as it is in the repository.
enum Header {
    /// The text, comments and preprocessor lines taken out.
    static func code() throws -> String {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Include/kstack.h")
        let text = try String(contentsOf: file, encoding: .utf8)
            .replacing(#/(?s:/\*.*?\*/)/#, with: "")
        return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.joined(separator: "\n")
    }

    /// The names of the functions that are declared, in their order.
    static func functions() throws -> [String] {
        try code().matches(of: #/\b(kstack_\w+)\(/#).map { String($0.1) }
    }

    /// The names of the functions that can fail: those that return a status and give an error.
    static func functionsWithStatus() throws -> [String] {
        try code().matches(of: #/\bkstack_status\s+(kstack_\w+)\([^)]*kstack_error \*\*error\)/#).map { String($0.1) }
    }
}
