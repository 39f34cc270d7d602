import ArgumentParser
import KStackAny
import System

extension KStackError.Code {
    /// The exit code of the program: 10 and more, one for each kind of failure.
    var exitCode: Int32 {
        switch self {
        case .invalidArgument: 10
        case .environment: 11
        case .configuration: 12
        case .serviceNotFound: 13
        case .layerAccess: 14
        case .route: 15
        case .vault: 16
        case .clusterAPI: 17
        case .io: 18
        case .internal: 19
        case .conflict: 20
        case .timeout: 21
        case .cancelled: 22
        }
    }
}

/// A check that found something, and has reported it: the program exits with 1.
struct CheckFailed: Error {}

/// The command line is invalid.
struct UsageError: Error {
    let message: String

    init(_ message: String) { self.message = message }
}

/// Reports errors to people, and gives the exit code.
enum Failure {
    /// Writes an error to standard error.
    ///
    /// - Returns: the exit code.
    static func tell(_ error: any Error) -> Int32 {
        switch error {
        case let error as KStackError:
            StandardStream.error.write("kstack: \(KStackError.withoutPrivateKeys(error.message))\n")
            return error.code.exitCode
        case is CheckFailed: return 1
        case let error as UsageError:
            StandardStream.error.write("kstack: \(KStackError.withoutPrivateKeys(error.message))\n")
            return 2
        case let error as ExitCode: return error.rawValue
        default:
            let code = KStackCommand.exitCode(for: error)
            // The parser quotes what was typed.
            let text = KStackError.withoutPrivateKeys(KStackCommand.fullMessage(for: error))
            // Help and version are output, not errors.
            (code == .success ? StandardStream.output : StandardStream.error).write("\(text)\n")
            return code == .success ? 0 : 2
        }
    }
}
