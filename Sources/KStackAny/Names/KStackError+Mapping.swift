public import Documents
public import Sodium
public import System

/// Translations of the errors of lower targets, for `mapError`.
extension KStackError {
    /// The error for secret memory or libsodium that failed.
    public static func memory(_ error: SodiumError) -> KStackError {
        switch error {
        case .notExcludedFromDumps:
            KStackError(
                .internal,
                "memory for a secret could not be kept out of core dumps, and was not used: the process has reached "
                    + "its limit of memory maps (vm.max_map_count); free results that are not needed, or raise the limit"
            )
        case .outOfMemory:
            KStackError(
                .internal,
                "no memory left: free results that are not needed, or raise the limit (memory, or "
                    + "vm.max_map_count)"
            )
        case .unavailable: KStackError(.internal, "the system has no random numbers: check /dev/urandom")
        default: KStackError(.internal, "a cryptographic primitive was called wrongly; this is a defect of kstack")
        }
    }

    /// The error for a file; a link or another kind of file is a configuration error.
    public static func file(_ error: FileError) -> KStackError {
        switch error.kind {
        case .symbolicLink:
            KStackError(
                .configuration,
                "\(error.description); links are refused here, so put the file or folder itself there"
            )
        case .wrongKind, .tooLarge: KStackError(.configuration, text(of: error))
        case .noAnswer: KStackError(.invalidArgument, "nothing was typed, and nothing was changed")
        case .locked, .timedOut: KStackError(.timeout, error.description, isRetryable: true)
        case .cancelled: KStackError(.cancelled, error.description)
        case .notFound, .exists, .system: .io(error, text(of: error))
        }
    }

    /// The error for a file that cannot be used, with a message of the caller's.
    public static func io(_ error: FileError, _ message: String) -> KStackError {
        // Missing memory is no fault of the file.
        if error.isOfMemory { return .memory(.outOfMemory) }
        return KStackError(.io, message, cause: hides(error) ? FileError(code: error.code, path: "") : error)
    }

    /// The path and the reason in words, without what may be a secret in place of a path.
    public static func text(of error: FileError) -> String {
        hides(error) ? "\(missingPath(error.path)): \(FileError.text(of: error.code))" : error.description
    }

    /// Whether the path of an error may be a secret: nothing has it, or it does not say where it begins.
    private static func hides(_ error: FileError) -> Bool {
        (error.isMissing || !Paths.isAbsolute(error.path)) && isHidden(missingPath: error.path)
    }

    /// The error for a document that cannot be read or made.
    public static func document(_ error: DocumentError) -> KStackError {
        if case .memory(let error) = error { .memory(error) } else { KStackError(.configuration, error.description) }
    }

    /// As above, for the document at a path.
    public static func document(at path: String) -> (DocumentError) -> KStackError {
        { error in
            if case .memory(let error) = error { return .memory(error) }
            return KStackError(.configuration, "\(path): \(error.description)")
        }
    }
}
