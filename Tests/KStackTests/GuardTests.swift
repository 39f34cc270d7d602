import CKStack
import KStackAny
import Testing

@testable import KStack

/// `kstack_guard`, and the context that this process runs in; run it in a pod as well.
///
/// Tests/c/test_context.c calls every function in every context.
@Suite
struct GuardTests {
    /// The context as C sees it.
    private var context: Context { kstack_is_in_cluster() ? .cluster : .local }

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
        // No pod of in-pod has this environment, and without a readable namespace the call fails as well.
        let status = kstack_get_credentials(container, "s3", "layer3", "no-such-environment", &credentials, &error)
        #expect([KSTACK_ERROR_CONFIGURATION, KSTACK_ERROR_IO].contains(status))
        #expect(credentials == nil)
        kstack_error_free(error)
    }
}
