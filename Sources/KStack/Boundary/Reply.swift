import CHost
import CKStack
import Documents
import KStackAny
import Sodium

/// The answer of a provider's function, while that function runs.
///
/// C has a number instead of its address, which is never used again: using a reply too late is an error and not a
/// crash.
final class Reply {
    /// The open replies by number, and the next number.
    private struct Table {
        var open: [UInt: Reply] = [:]
        // Far from 0, since some hosts check pointers for small numbers.
        var next: UInt = 0x1_0000
    }

    /// The open replies; each is only changed under this lock.
    private static let table = Guarded(Table())

    /// How many bytes the values of an answer may have in total.
    private static let byteLimit = 16 << 20

    /// How many values an answer may have.
    private static let countLimit = 10_000

    /// How many bytes a name may have.
    private static let nameLimit = 1024

    private var builder: MappingBuilder?
    private var names = FallibleArray<String>()

    /// The positions of names, by their bytes: two spellings of an accent are two names, but equal strings to Swift.
    private var known = FallibleIndex()
    private var bytes = 0

    /// The error that the function reported.
    private(set) var error: KStackError?

    /// The first mistake of the function.
    private(set) var misuse: KStackError?

    /// Opens a reply while `body` runs, and returns it, closed, with the status of `body`.
    static func collect(_ body: (OpaquePointer?) -> kstack_status) -> (status: kstack_status, reply: Reply?) {
        let number = table.withLock { table in
            let number = table.next
            table.next &+= 1
            table.open[number] = Reply()
            return number
        }
        let status = unsafe body(OpaquePointer(bitPattern: number))
        return (status, table.withLock { $0.open.removeValue(forKey: number) })
    }

    /// Runs a closure on the reply that C names.
    static func change(
        _ pointer: OpaquePointer?,
        _ body: (Reply) throws(KStackError) -> kstack_status
    ) -> kstack_status {
        chost_enter()
        defer { chost_leave() }
        return table.withLock { table in
            guard let reply = table.open[UInt(bitPattern: pointer)] else { return KSTACK_ERROR_INVALID_ARGUMENT }
            do throws(KStackError) {
                return try body(reply)
            } catch {
                if reply.misuse == nil { reply.misuse = error }
                return error.code.status
            }
        }
    }

    /// The collected credentials; nil where there is no value.
    func takeCredentials(source: String) throws(KStackError) -> Credentials? {
        guard let builder = builder.take() else { return nil }
        let document: Document
        do throws(DocumentError) {
            document = try builder.finish()
        } catch {
            throw KStackError.document(error)
        }
        return try Credentials(mapping: document.root, source: source)
    }

    /// Adds a value.
    func set(_ name: String, _ value: Span<UInt8>) throws(KStackError) {
        guard (1...Self.nameLimit).contains(name.utf8.count) else {
            throw KStackError(.invalidArgument, "a name was empty or longer than \(Self.nameLimit) bytes")
        }
        guard value.count <= Self.byteLimit - bytes else {
            throw KStackError(.invalidArgument, "the values together were larger than \(Self.byteLimit >> 20) MiB")
        }
        guard names.count < Self.countLimit else {
            throw KStackError(.invalidArgument, "there were more than \(Self.countLimit) values")
        }
        let hash = name.utf8.span.hash
        guard known.position(hash: hash, where: { names[$0].utf8.elementsEqual(name.utf8) }) == nil else {
            throw KStackError(.invalidArgument, "a name was given more than once")
        }
        try mapError(KStackError.memory) { () throws(SodiumError) in
            try known.insert(hash: hash, position: names.count)
            try names.append(name)
        }
        bytes += value.count
        do throws(DocumentError) {
            if builder == nil { builder = try MappingBuilder() }
            try builder?.append(name.utf8.span, text: value)
        } catch {
            throw KStackError(.internal, "no more values could be stored: \(error.description)")
        }
    }

    /// Sets the error that the function reports.
    func set(_ error: KStackError) {
        self.error = error
    }
}
