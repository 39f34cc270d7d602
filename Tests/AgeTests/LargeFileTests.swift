import Age
import Foundation
import Testing

/// 100 MB in constant memory, to and from the `age` program.
///
/// In a process of its own, since the peak is the whole process's.
@Suite(.enabled(if: AgePrograms.areInstalled, "age is not installed: large files were not tried"))
struct LargeFileTests {
    @Test func largeFilesPassInConstantMemory() async {
        await #expect(processExitsWith: .success) {
            let scratch = try ScratchFolder()
            let key = try newIdentity()
            let recipients = key.identities.recipients
            let identity = try scratch.write("key", Array((key.text + "\n").utf8))
            let plain = try scratch.create("plain")
            let block = pattern(1_000_000)
            for _ in 0..<100 { try plain.write(contentsOf: block) }

            // Once in small first, so that code and pools are in place.
            _ = try decrypt(try encrypt(pattern(200_000), for: recipients), with: .identities(key.identities))
            let before = try PeakMemory.reset()
            var source = FileSource(file: try scratch.open("plain"))
            var sink = FileSink(file: try scratch.create("ours.age"))
            try Age.encrypt(from: &source, to: &sink, for: recipients)
            let encrypting = try PeakMemory.read() - before
            #expect(encrypting < 6144, "encrypting took \(encrypting) KiB")
            try run("age", ["-d", "-i", identity, "-o", scratch.path("read"), scratch.path("ours.age")])
            try run("cmp", [scratch.path("plain"), scratch.path("read")])

            try run("age", ["-r", recipients[0].bech32, "-o", scratch.path("theirs.age"), scratch.path("plain")])
            let beforeReading = try PeakMemory.reset()
            var input = FileSource(file: try scratch.open("theirs.age"))
            var output = FileSink(file: try scratch.create("ours"))
            try Age.decrypt(from: &input, to: &output, with: .identities(key.identities))
            let decrypting = try PeakMemory.read() - beforeReading
            #expect(decrypting < 6144, "decrypting took \(decrypting) KiB")
            try run("cmp", [scratch.path("plain"), scratch.path("ours")])
        }
    }
}

/// The peak of this process's resident memory in KiB.
enum PeakMemory {
    /// Resets the peak to what is resident now, and returns that.
    static func reset() throws -> Int {
        try Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/self/clear_refs"))
        return try read()
    }

    /// The peak since the last `reset`.
    static func read() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        guard let value = line?.split(whereSeparator: { !$0.isNumber }).first, let peak = Int(value) else {
            throw ProgramFailure(message: "no VmHWM in /proc/self/status")
        }
        return peak
    }
}
