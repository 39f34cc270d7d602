import CKStack
import Glibc
import KStackAny
import System
import Testing

@testable import KStack

/// The table of functions, which Tests/header/check compares with the header, and how calls use it.
@Suite
struct ExportedFunctionTests {
    @Test
    func aFunctionIsFoundByTheNameThatItHasInSwift() {
        for function in ExportedFunction.all {
            #expect(ExportedFunction.named("\(function.name)(_:_:)") == function)
        }
        #expect(ExportedFunction.named("kstack_no_such_function(_:)") == nil)
        #expect(ExportedFunction.named("") == nil)
    }

    @Test
    func aFunctionThatIsNotInTheTableFails() {
        var error: OpaquePointer?
        #expect(Call.run(&error) { Issue.record("it ran") } == KSTACK_ERROR_INTERNAL)
        #expect(text(kstack_error_message(error))?.contains("aFunctionThatIsNotInTheTableFails") == true)
        kstack_error_free(error)
        #expect(Call.access(else: 1) { 2 } == 1)
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

    @Test(arguments: [
        -1, kstack_status(KStackError.Code.allCases.count + 1), 1000, kstack_status.max, kstack_status.min,
    ])
    func unknownStatusesHaveTheNameUnknown(status: kstack_status) {
        #expect(text(kstack_status_name(status)) == "KSTACK_ERROR_UNKNOWN")
    }

    @Test(arguments: [-1, 4, kstack_layer.max, kstack_layer.min])
    func invalidLayersHaveNoNames(layer: kstack_layer) {
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

    private static let key = "AGE-SECRET-KEY-1" + String(repeating: "Q", count: 58)
    private static let longToken = "eyJ" + String(repeating: "aB3", count: 200)

    @Test(arguments: [(EACCES, "/a\tb"), (EACCES, "/a/secret.GoogleAccount2.json"), (ENOENT, "/a/b")])
    func aPathIsGivenOutAsItIs(number: Int32, path: String) {
        check(.file(FileError(code: number, path: path)), number, path)
    }

    @Test(arguments: ["/a/\(key)", "/a/\(key)/", "/\(key)/x", "./\(key.lowercased())/"])
    func aPathThatHoldsAPrivateKeyIsNotGivenOut(path: String) {
        check(.file(FileError(code: EACCES, path: path)), EACCES, "")
    }

    private static let token = "ghp_0123456789abcdef"

    /// The example of AWS, as a path that was made absolute; it has two slashes.
    private static let accessKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

    /// What messages must not show, and its parts.
    private static let secrets = [key, key.lowercased(), longToken, token, "wJalrXUtnFEMI", "bPxRfiCYEXAMPLEKEY"]

    @Test(arguments: [
        (ENOENT, token), (EACCES, token), (ENOENT, "/a/\(longToken)"), (ENAMETOOLONG, longToken),
        (ENOENT, "/tmp/\(accessKey)"), (EACCES, accessKey),
    ])
    func aPathWithoutAFileThatMayBeASecretIsNotGivenOut(number: Int32, path: String) {
        check(.file(FileError(code: number, path: path)), number, "")
    }

    private func check(_ error: KStackError, _ number: Int32, _ path: String) {
        let handle = Handle.make(ErrorObject(error))
        #expect(kstack_error_errno(handle) == number)
        #expect(text(kstack_error_path(handle)) == path)
        let message = text(kstack_error_message(handle)) ?? ""
        if path.isEmpty { for secret in Self.secrets { #expect(!message.contains(secret)) } }
        kstack_error_free(handle)
    }
}
