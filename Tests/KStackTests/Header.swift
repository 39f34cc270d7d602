import Foundation

/// The header as it is in the repository.
enum Header {
    /// A function that is declared: its name, and the context of its chapter.
    struct Function {
        let name: String
        let context: String
    }

    /// The text, comments and preprocessor lines taken out.
    private static func code(_ text: String) -> String {
        text.replacing(#/(?s:/\*.*?\*/)/#, with: "")
            .split(separator: "\n").filter { !$0.hasPrefix("#") }.joined(separator: "\n")
    }

    private static func text() throws -> String {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Include/kstack.h")
        return try String(contentsOf: file, encoding: .utf8)
    }

    /// The functions that are declared, in their order.
    static func functions() throws -> [Function] {
        let text = try text()
        let chapters = text.matches(of: #/-- [^\n]* \((?<context>any|local|cluster)\) \*\//#)
        let ends = chapters.dropFirst().map(\.range.lowerBound) + [text.endIndex]
        return zip(chapters, ends).flatMap { chapter, end in
            code(String(text[chapter.range.upperBound..<end])).matches(of: #/\b(kstack_\w+)\(/#)
                .map { Function(name: String($0.1), context: String(chapter.output.context)) }
        }
    }

    /// The names of the functions that can fail: those that return a status and give an error.
    static func functionsWithStatus() throws -> [String] {
        try code(text()).matches(of: #/\bkstack_status\s+(kstack_\w+)\([^)]*kstack_error \*\*error\)/#)
            .map { String($0.1) }
    }
}
