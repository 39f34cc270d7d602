import CKStack
import KStackAny
import Testing

@testable import KStack

/// How structures of other headers are read; `projectRoot` is any address, since nothing is read there.
@Suite
struct OptionStructureTests {
    private static let known = MemoryLayout<kstack_options>.stride
    private let projectRoot = UnsafePointer<CChar>(bitPattern: 0x1234)

    @Test
    func nullGivesTheDefaults() throws {
        let options = try kstack_options.read(nil, "options")
        #expect(options.project_root == nil)
        #expect(options.timeout_ms == 0)
        #expect(options.log == nil)
    }

    @Test
    func theStructureOfThisHeaderIsAccepted() throws {
        let options = try read(size: Self.known)
        #expect(options.project_root == projectRoot)
        #expect(options.timeout_ms == 4711)
    }

    @Test(arguments: [0, 1, 7, 8, 16, 20, known - 1])
    func aStructureThatIsTooSmallIsRefused(size: Int) {
        expectRefusal(size: size, "struct_size")
    }

    @Test(arguments: [4097, 1 << 40, Int.max, Int.min, -1])
    func impossibleSizesAreRefused(size: Int) {
        expectRefusal(size: size, "struct_size")
    }

    @Test(arguments: [1, 7, 8, 64, 4096 - known])
    func aLargerStructureIsAcceptedWhereTheRestIsZero(more: Int) throws {
        let options = try read(size: Self.known + more)
        #expect(options.project_root == projectRoot)
    }

    @Test(arguments: [1, 7, 8, 64, 4096 - known])
    func aLargerStructureIsRefusedWhereTheRestIsNotZero(more: Int) {
        expectRefusal(size: Self.known + more, last: 1, "newer")
    }

    @Test(arguments: [1, 3, 4, 7])
    func aStructureMayBeUnaligned(offset: Int) throws {
        let options = try read(size: Self.known + 8, offset: offset)
        #expect(options.project_root == projectRoot)
        #expect(options.timeout_ms == 4711)
    }

    @Test
    func theOptionsOfAVaultFollowTheSameRules() throws {
        var options = kstack_vault_options()
        options.flags = 1
        for size in [0, 8, MemoryLayout<kstack_vault_options>.stride - 8] {
            options.struct_size = size
            #expect(throws: KStackError.self) { try kstack_vault_options.read(&options, "options") }
        }
        options.struct_size = MemoryLayout<kstack_vault_options>.stride
        #expect(try kstack_vault_options.read(&options, "options").flags == 1)
    }

    private func expectRefusal(size: Int, last: UInt8 = 0, _ words: String) {
        do throws(KStackError) {
            _ = try read(size: size, last: last)
            Issue.record("a structure of \(size) bytes was accepted")
        } catch {
            #expect(error.code == .invalidArgument)
            #expect(error.message.contains(words), "\(error.message)")
        }
    }

    /// Reads a structure that says it has `size` bytes, at an offset from an aligned address.
    private func read(size: Int, offset: Int = 0, last: UInt8 = 0) throws(KStackError) -> kstack_options {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096 + 16, alignment: 16)
        defer { memory.deallocate() }
        memory.initializeMemory(as: UInt8.self, repeating: 0)
        var options = kstack_options()
        options.struct_size = size
        options.project_root = projectRoot
        options.timeout_ms = 4711
        let target = UnsafeMutableRawBufferPointer(rebasing: memory[offset...])
        withUnsafeBytes(of: &options) { target.copyMemory(from: $0) }
        if last != 0 { target[size - 1] = last }
        guard let start = target.baseAddress else { return options }
        return try kstack_options.read(UnsafeRawPointer(start).assumingMemoryBound(to: kstack_options.self), "options")
    }
}
