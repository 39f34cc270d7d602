import KStackAny
import Sodium
import System

/// Writes for programs, and for people.
enum Output {
    /// The error of a line that could not be written, for the end of the program.
    static let failure = Guarded<FileError?>(nil)

    /// A line on standard output.
    static func line(_ text: String) {
        do throws(FileError) {
            try StandardStream.output.write("\(text)\n".utf8.span)
        } catch {
            failure.withLock { $0 = $0 ?? error }
        }
    }

    /// Refuses to send secrets to a terminal, unless they were asked for by name.
    static func checkPlace(force: Bool) throws(KStackError) {
        guard force || !StandardStream.output.isTerminal else {
            throw KStackError(
                .invalidArgument,
                "these are secrets, which a terminal keeps: send them to a file or a program, or use --force"
            )
        }
    }

    /// A line for people, on standard error.
    static func tell(_ text: String) {
        StandardStream.error.write("\(text)\n")
    }

    /// Bytes that may be a secret, on standard output; to a terminal only what it can show.
    static func write(_ bytes: Span<UInt8>, force: Bool = false, endsLine: Bool = false) throws(KStackError) {
        if StandardStream.output.isTerminal, !force {
            for index in bytes.indices where bytes[index] < 0x20 && ![0x09, 0x0A, 0x0D].contains(bytes[index]) {
                throw KStackError(
                    .invalidArgument,
                    "this is binary, which a terminal cannot show; send it to a file or a program, or use --force"
                )
            }
        }
        try mapError(KStackError.file, StandardStream.output.write(bytes))
        if endsLine, StandardStream.output.isTerminal { StandardStream.output.write("\n") }
    }
}

extension Output {
    /// All values of credentials, in a format.
    static func write(_ credentials: Credentials, _ format: Format, force: Bool = false) throws(KStackError) {
        let text = try Values.text(of: credentials, format)
        try write(text, force: force, endsLine: false)
    }

    /// One value of credentials, unchanged.
    static func write(_ credentials: Credentials, _ place: Range<Int>, force: Bool) throws(KStackError) {
        let value = try credentials.copy(of: place)
        try write(value, force: force, endsLine: true)
    }

    /// Bytes that may be a secret.
    static func write(_ bytes: borrowing SecretBytes, force: Bool, endsLine: Bool) throws(KStackError) {
        try write(bytes.span, force: force, endsLine: endsLine)
    }
}
