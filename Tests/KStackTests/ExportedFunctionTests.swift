import CKStack
import KStackAny
import Testing

@testable import KStack

/// The table of functions, held against the header.
@Suite
struct ExportedFunctionTests {
    @Test
    func theTableHasExactlyTheFunctionsOfTheHeader() throws {
        let declared = try Header.functions()
        #expect(declared.count > 50)
        #expect(Set(declared).count == declared.count)
        let names = ExportedFunction.allCases.map(\.rawValue)
        #expect(Set(names).subtracting(declared) == [])
        #expect(Set(declared).subtracting(names) == [])
    }

    @Test
    func theTableIsInOrderOfContext() {
        let order = ExportedFunction.allCases.map { function in
            switch function.context {
            case nil: 0
            case .local: 1
            case .cluster: 2
            }
        }
        #expect(order == order.sorted())
        #expect(Set(order).isSuperset(of: [0, 1]))
    }

    @Test
    func theCallsReturnAStatusWhereTheHeaderSaysSo() throws {
        let withStatus = Set(try Header.functionsWithStatus())
        #expect(withStatus.count > 10)
        for function in ExportedFunction.allCases {
            guard case .status = function.callWithNothing(nil) else {
                #expect(!withStatus.contains(function.rawValue), "\(function)")
                continue
            }
            #expect(withStatus.contains(function.rawValue), "\(function)")
        }
    }

    @Test
    func everyCodeHasAStatusOfItsOwnWithAName() {
        let statuses = KStackError.Code.allCases.map(\.status)
        #expect(Set(statuses).count == statuses.count)
        #expect(!statuses.contains(KSTACK_OK))
        #expect(statuses.sorted() == Array(1...kstack_status(statuses.count)))
        let names = statuses.map { text(kstack_status_name($0)) }
        #expect(Set(names).count == names.count)
        #expect(!names.contains("KSTACK_ERROR_UNKNOWN"))
    }

    @Test(arguments: [-1, 12, 1000, kstack_status.max, kstack_status.min])
    func aNumberThatIsNoStatusHasTheNameOfNone(status: kstack_status) {
        #expect(text(kstack_status_name(status)) == "KSTACK_ERROR_UNKNOWN")
    }

    @Test(arguments: [-1, 4, kstack_layer.max, kstack_layer.min])
    func aNumberThatIsNoLayerHasNothing(layer: kstack_layer) {
        #expect(kstack_layer_number(layer) == -1)
        #expect(kstack_layer_name(layer) == nil)
        #expect(kstack_layer_namespace(layer) == nil)
        #expect(kstack_layer_display_name(layer) == nil)
    }

    @Test
    func anErrorAsCHoldsItIsOneLine() {
        let handle = Handle.make(ErrorObject(KStackError(.conflict, "a\nb\u{0}c\u{7F}d é", isRetryable: true)))
        #expect(kstack_error_code(handle) == KSTACK_ERROR_CONFLICT)
        #expect(kstack_error_is_retryable(handle))
        #expect(text(kstack_error_message(handle)) == "a?b?c?d é")
        kstack_error_free(handle)
    }
}
