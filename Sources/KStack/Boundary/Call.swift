import CHost
import CKStack
import KStackAny
import Sodium
import System

/// The common part of all functions for C: guard, status, error object.
enum Call {
    /// Runs a function that can fail: it checks the context, and then calls `body`, which checks arguments first.
    ///
    /// - Parameters:
    ///   - error: the caller's output for the error; may be NULL.
    ///   - name: the exported function, which calls this one.
    static func run(
        _ error: UnsafeMutablePointer<OpaquePointer?>?,
        _ name: String = #function,
        _ body: () throws(KStackError) -> Void
    ) -> kstack_status {
        unsafe error?.pointee = nil
        chost_enter()
        defer { chost_leave() }
        let function = ExportedFunction.named(name)
        let failure = CallContext.run { attempt(function, name, body) }
        if function?.meetsSecrets != false { Residue.wipeCall() }
        guard let failure else { return KSTACK_OK }
        if let error = unsafe error { unsafe error.pointee = Handle.make(ErrorObject(failure)) }
        return failure.code.status
    }

    /// Checks the context and runs the work; returns the error, or nil.
    private static func attempt(
        _ function: ExportedFunction?,
        _ name: String,
        _ body: () throws(KStackError) -> Void
    ) -> KStackError? {
        do throws(KStackError) {
            guard let function else { throw KStackError(.internal, "\(name) is not in the table of functions") }
            if let context = function.context {
                try ProcessContext.signs.require(context, for: function.name)
            }
            try perform(body)
            return nil
        } catch {
            return error
        }
    }

    /// Gives the work its own stack frame, below the one that wipes.
    @inline(never)
    private static func perform(_ body: () throws(KStackError) -> Void) throws(KStackError) {
        try body()
    }

    /// Runs an accessor, which has no status: in the wrong context it returns `fallback`.
    ///
    /// It is for accessors of objects of one context. Those of every context have nothing to check and read only what
    /// never changes, so they need no place against forks either, and do without this.
    static func access<Result>(
        else fallback: Result,
        _ name: String = #function,
        _ body: () -> Result
    ) -> Result {
        chost_enter()
        defer { chost_leave() }
        guard let function = ExportedFunction.named(name) else { return fallback }
        if let context = function.context, context != ProcessContext.signs.context { return fallback }
        return body()
    }
}

extension KStackError.Code {
    /// The number in the header.
    var status: kstack_status { constant.status }

    /// The number in the header, and its name.
    var constant: (status: kstack_status, name: String) {
        switch self {
        case .invalidArgument: (KSTACK_ERROR_INVALID_ARGUMENT, "KSTACK_ERROR_INVALID_ARGUMENT")
        case .environment: (KSTACK_ERROR_ENVIRONMENT, "KSTACK_ERROR_ENVIRONMENT")
        case .configuration: (KSTACK_ERROR_CONFIGURATION, "KSTACK_ERROR_CONFIGURATION")
        case .serviceNotFound: (KSTACK_ERROR_SERVICE_NOT_FOUND, "KSTACK_ERROR_SERVICE_NOT_FOUND")
        case .layerAccess: (KSTACK_ERROR_LAYER_ACCESS, "KSTACK_ERROR_LAYER_ACCESS")
        case .route: (KSTACK_ERROR_ROUTE, "KSTACK_ERROR_ROUTE")
        case .vault: (KSTACK_ERROR_VAULT, "KSTACK_ERROR_VAULT")
        case .clusterAPI: (KSTACK_ERROR_CLUSTER_API, "KSTACK_ERROR_CLUSTER_API")
        case .io: (KSTACK_ERROR_IO, "KSTACK_ERROR_IO")
        case .internal: (KSTACK_ERROR_INTERNAL, "KSTACK_ERROR_INTERNAL")
        case .conflict: (KSTACK_ERROR_CONFLICT, "KSTACK_ERROR_CONFLICT")
        case .timeout: (KSTACK_ERROR_TIMEOUT, "KSTACK_ERROR_TIMEOUT")
        case .cancelled: (KSTACK_ERROR_CANCELLED, "KSTACK_ERROR_CANCELLED")
        }
    }

    /// The kind of failure of a number in the header; nil for success and for an unknown number.
    init?(status: kstack_status) {
        guard let code = Self.allCases.first(where: { $0.status == status }) else { return nil }
        self = code
    }
}
