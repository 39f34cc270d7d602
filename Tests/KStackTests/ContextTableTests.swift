import CKStack
import KStackAny
import Testing

@testable import KStack

/// Every function in the context that this process runs in; run it in a pod as well.
@Suite("ContextTable: every function in every context")
struct ContextTable {
    /// The context as C sees it.
    private var context: Context { kstack_is_in_cluster() ? .cluster : .local }

    @Test(arguments: ExportedFunction.all)
    func takesNothingForEveryArgument(function: ExportedFunction) {
        var error: OpaquePointer?
        switch function.callWithNothing(&error) {
        case nil: Issue.record("\(function.name) has no call in Calls.swift")
        case .answer(let isAsDeclared):
            #expect(isAsDeclared)
            #expect(error == nil)
        case .status(let status):
            let message = text(kstack_error_message(error)) ?? ""
            #expect(kstack_error_code(error) == status)
            #expect(!kstack_error_is_retryable(error))
            if function.context == nil || function.context == context {
                #expect(status == KSTACK_ERROR_INVALID_ARGUMENT, "\(message)")
            } else {
                #expect(status == KSTACK_ERROR_ENVIRONMENT, "\(message)")
                #expect(message.contains(function.name))
                #expect(message.contains(text(kstack_context_reason()) ?? "no reason"))
            }
            #expect(!message.isEmpty)
            kstack_error_free(error)
        }
    }

    @Test(arguments: ExportedFunction.all)
    func takesNoErrorEither(function: ExportedFunction) {
        var error: OpaquePointer?
        let outcome = function.callWithNothing(&error)
        kstack_error_free(error)
        #expect(function.callWithNothing(nil) == outcome)
    }

    @Test
    func theGuardLetsItsOwnContextPassAndNoOther() {
        let own = kstack_current_context()
        let other = own == KSTACK_CONTEXT_LOCAL ? KSTACK_CONTEXT_CLUSTER : KSTACK_CONTEXT_LOCAL
        var error = OpaquePointer(bitPattern: 16)
        #expect(kstack_guard(own, &error) == KSTACK_OK)
        #expect(error == nil)
        #expect(kstack_guard(other, &error) == KSTACK_ERROR_ENVIRONMENT)
        #expect(text(kstack_error_message(error))?.contains(text(kstack_context_reason()) ?? "no reason") == true)
        kstack_error_free(error)
    }

    @Test
    func contextReasonAndBooleanAgree() {
        let reason = text(kstack_context_reason()) ?? ""
        #expect(reason.hasPrefix(kstack_is_in_cluster() ? "cluster: " : "local: "))
        #expect(ProcessContext.signs.context == context)
        #expect(ProcessContext.signs.reason == reason)
    }

    @Test
    func aContainerCanBeMadeInEveryContext() throws {
        var container: OpaquePointer?
        var error: OpaquePointer?
        try #require(kstack_container_new(nil, &container, &error) == KSTACK_OK)
        defer { kstack_container_free(container) }
        guard kstack_is_in_cluster() else { return }
        var credentials = OpaquePointer(bitPattern: 16)
        // No pod that in-pod makes is of this environment, and where no namespace is to be read that is an error too.
        let status = kstack_get_credentials(container, "s3", "layer3", "no-such-environment", &credentials, &error)
        #expect([KSTACK_ERROR_CONFIGURATION, KSTACK_ERROR_IO].contains(status))
        #expect(credentials == nil)
        kstack_error_free(error)
    }
}
