import CKStack
import KStackAny
import System

/// Answers look-ups with functions of the program.
///
/// Each look-up holds a reference, so the context is released once, when the last running call is over.
@safe
final class InjectedSecretsProvider: SecretsProvider {
    /// The source that these credentials name.
    private static let source = "the program's own secrets provider"

    // The program guarantees that any thread may call its functions.
    private nonisolated(unsafe) let functions: kstack_secrets_provider
    private nonisolated(unsafe) let getCredentials: kstack_get_credentials_function

    /// Takes functions of the program, and ownership of their context.
    ///
    /// - Throws: `invalidArgument` where there is no function for look-ups.
    static func make(_ functions: kstack_secrets_provider) throws(KStackError) -> InjectedSecretsProvider {
        guard let getCredentials = unsafe functions.get_credentials else {
            throw Argument.missing("provider.get_credentials")
        }
        return unsafe InjectedSecretsProvider(functions, getCredentials)
    }

    private init(_ functions: kstack_secrets_provider, _ getCredentials: kstack_get_credentials_function) {
        unsafe self.functions = functions
        unsafe self.getCredentials = getCredentials
    }

    deinit {
        guard let release = unsafe functions.release else { return }
        waiting { unsafe release(functions.context) }
    }

    /// The credentials that the program gives for a service.
    func credentials(service: Name, layer: Layer, environment: Name?) throws(KStackError) -> Credentials {
        unsafe try answer("credentials of '\(service.text)' in \(layer.name)") { reply in
            unsafe service.text.withCString { service in
                unsafe layer.name.withCString { layer in
                    unsafe withOptionalCString(environment?.text) { environment in
                        unsafe getCredentials(functions.context, service, layer, environment, reply)
                    }
                }
            }
        }
    }

    /// The secrets that the program gives for a layer.
    func secrets(of layer: Layer, environment: Name?) throws(KStackError) -> Credentials {
        guard let loadSecrets = unsafe functions.load_secrets else {
            throw KStackError(
                .serviceNotFound,
                "no secrets for \(layer.name): \(Self.source) has no function load_secrets; add one"
            )
        }
        return unsafe try answer("secrets of \(layer.name)") { reply in
            unsafe layer.name.withCString { layer in
                unsafe withOptionalCString(environment?.text) { environment in
                    unsafe loadSecrets(functions.context, layer, environment, reply)
                }
            }
        }
    }

    /// The message for a status without one.
    static func silence(_ status: kstack_status) -> String {
        let name = unsafe String(cString: StaticCString.statusName(status).address)
        return "\(source) answered \(name) without a message"
    }

    /// Calls a function and reads its answer.
    private func answer(
        _ subject: String,
        _ call: (OpaquePointer?) -> kstack_status
    ) throws(KStackError) -> Credentials {
        // The function may replace this provider; the context must not be released before it returns.
        let (status, reply) = withExtendedLifetime(self) {
            unsafe Reply.collect { reply in waiting { unsafe call(reply) } }
        }
        guard let reply else { throw KStackError(.internal, "a reply is gone; this is a defect of kstack") }
        if let misuse = reply.misuse {
            throw KStackError(.internal, "\(Self.source) gave an invalid answer for \(subject): \(misuse.message)")
        }
        if status != KSTACK_OK, KStackError.Code(status: status) == nil {
            throw KStackError(
                .internal,
                "\(Self.source) returned \(status) for \(subject), which is not a status of kstack.h; fix the provider"
            )
        }
        if let error = reply.error { throw error }
        if let code = KStackError.Code(status: status) { throw KStackError(code, Self.silence(status)) }
        guard let credentials = try reply.takeCredentials(source: Self.source) else {
            throw KStackError(
                .internal,
                "\(Self.source) returned KSTACK_OK for \(subject) and gave no value; it must call kstack_reply_set, or "
                    + "kstack_reply_set_error with KSTACK_ERROR_SERVICE_NOT_FOUND"
            )
        }
        return credentials
    }
}

/// Lends a string to C, and NULL for none.
private func withOptionalCString<Result>(
    _ string: String?,
    _ body: (UnsafePointer<CChar>?) -> Result
) -> Result {
    guard let string else { return body(nil) }
    return unsafe string.withCString { unsafe body($0) }
}
