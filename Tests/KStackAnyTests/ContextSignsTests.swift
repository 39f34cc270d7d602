import KStackAny
import Testing

/// Which signs decide the context.
@Suite
struct ContextSignsTests {
    @Test(arguments: [
        (ContextSigns.Token.absent, false, Context.local),
        (.absent, true, .cluster),
        (.present, false, .cluster),
        (.present, true, .cluster),
        (.unreadable, false, .cluster),
        (.unreadable, true, .cluster),
    ])
    func everySignIsASignOfAPod(token: ContextSigns.Token, hasServiceHost: Bool, context: Context) {
        let signs = ContextSigns(token: token, hasServiceHost: hasServiceHost)
        #expect(signs.context == context)
        #expect(signs.reason.hasPrefix(context == .local ? "local: " : "cluster: "))
        #expect(signs.reason.contains(ContextSigns.tokenPath))
        #expect(!signs.reason.contains("\n"))
    }

    @Test
    func theFileThatKubeletManagesIsASignOfItsOwn() {
        let signs = ContextSigns(token: .absent, hasServiceHost: false, hasManagedHosts: true)
        #expect(signs.context == .cluster)
        #expect(signs.reason.hasPrefix("cluster: /etc/hosts"))
        #expect(signs.reason.contains(ContextSigns.tokenPath))
        #expect(failure { try signs.require(.local, for: "x") }?.code == .environment)
    }

    @Test
    func theReasonNamesTheSignsThatDecided() {
        func reason(_ token: ContextSigns.Token, _ hasServiceHost: Bool) -> String {
            ContextSigns(token: token, hasServiceHost: hasServiceHost).reason
        }
        #expect(reason(.absent, true).contains("KUBERNETES_SERVICE_HOST is set"))
        #expect(reason(.absent, true).contains("automountServiceAccountToken"))
        #expect(reason(.absent, false).contains("KUBERNETES_SERVICE_HOST is not set"))
        #expect(reason(.present, false).contains("exists"))
        #expect(reason(.unreadable, false).contains("cannot be checked"))
        #expect(ContextSigns.tokenPath == "/var/run/secrets/kubernetes.io/serviceaccount/token")
    }

    @Test
    func localFunctionsAreRefusedInAPod() {
        for signs in [ContextSigns(token: .present, hasServiceHost: true), .init(token: .absent, hasServiceHost: true)]
        {
            let error = failure { try signs.require(.local, for: "kstack_vault_open") }
            #expect(error?.code == .environment)
            #expect(error?.message.contains("kstack_vault_open") == true)
            #expect(error?.message.contains(signs.reason) == true)
            #expect(failure { try signs.require(.cluster, for: "x") } == nil)
        }
    }

    @Test
    func clusterFunctionsAreRefusedElsewhere() {
        let signs = ContextSigns(token: .absent, hasServiceHost: false)
        let error = failure { try signs.require(.cluster, for: "kstack_configmap_get") }
        #expect(error?.code == .environment)
        #expect(error?.message.contains("kstack_configmap_get") == true)
        #expect(error?.message.contains(signs.reason) == true)
        #expect(failure { try signs.require(.local, for: "x") } == nil)
    }
}
