import KStackAny
import Testing

/// Layers and their names.
@Suite
struct LayerTests {
    @Test(arguments: Layer.allCases)
    func readsEveryForm(layer: Layer) throws {
        for text in [layer.name, "\(layer.number)", layer.namespace] {
            #expect(try Layer(parsing: text) == layer)
            #expect(try Layer(parsing: text.uppercased()) == layer)
            #expect(try Layer(parsing: text.capitalized) == layer)
        }
    }

    @Test
    func hasFixedNames() {
        #expect(Layer.allCases.map(\.number) == [0, 1, 2, 3])
        #expect(Layer.allCases.map(\.name) == ["layer0", "layer1", "layer2", "layer3"])
        #expect(
            Layer.allCases.map(\.namespace) == [
                "layer-0-applications", "layer-1-tenant-infra", "layer-2-global-services", "layer-3-global-infra",
            ]
        )
        #expect(
            Layer.allCases.map(\.displayName) == [
                "Layer 0: Applications", "Layer 1: Tenant Infrastructure", "Layer 2: Global Services",
                "Layer 3: Global Infrastructure",
            ]
        )
    }

    @Test(arguments: ["layer3 ", " layer3", "\tLAYER3\n", " 3 ", " layer-3-global-infra"])
    func whiteSpaceAroundANameIsIgnored(text: String) throws {
        #expect(try Layer(parsing: text) == .globalInfrastructure)
    }

    @Test(arguments: [
        "", " ", "4", "-1", "00", "03", "layer", "layer4", "layer-3", "layer03", "layer3/", "3.0",
        "layer-3-global", "layer-3-global-infra-", "layer-3-production", "Layer 3: Global Infrastructure", "three",
        "ｌayer3", "layer３", "layer\u{200B}3", "layer3\u{301}", "lаyer3", "٣", "²", "../layer3",
        String(repeating: "3", count: 100_000),
    ])
    func refusesInvalidNames(text: String) {
        let error = failure { _ = try Layer(parsing: text) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("use layer0, layer1, layer2 or layer3") == true)
        #expect((error?.message.count ?? 0) < 300)
    }

    @Test
    func refusesANULAfterAName() {
        #expect(failure { _ = try Layer(parsing: "layer3\u{0}") }?.code == .invalidArgument)
        #expect(failure { _ = try Layer(parsing: "\u{0}") }?.message.contains("\u{0}") == false)
    }
}

extension String {
    /// The string with its first character in upper case.
    fileprivate var capitalized: String { prefix(1).uppercased() + dropFirst() }
}
