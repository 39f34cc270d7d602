import Foundation
import Sodium
import Synchronization
import Testing

@Suite
struct ThreadTests {
    /// What eight threads saw.
    private final class Findings: Sendable {
        let wrong = Mutex<[String]>([])
    }

    @Test
    func eightThreadsAtOnceDoNotDisturbEachOther() {
        let findings = Findings()
        let done = DispatchSemaphore(value: 0)
        for number in UInt8(0)..<8 {
            Thread.detachNewThread {
                do {
                    for round in 0..<300 {
                        try Self.work(number, round, findings)
                    }
                } catch {
                    findings.wrong.withLock { $0.append("\(error)") }
                }
                done.signal()
            }
        }
        for _ in 0..<8 { done.wait() }
        #expect(findings.wrong.withLock { $0 } == [])
    }

    /// Takes, fills, grows and frees some blocks, and computes with them.
    private static func work(_ number: UInt8, _ round: Int, _ findings: Findings) throws {
        let size = [10, 4000, 5000, 60_000][round % 4]
        var secret = try SecretBytes(count: size)
        if !secret.withUnsafeBytes({ $0.allSatisfy { $0 == 0 } }) {
            findings.wrong.withLock { $0.append("not wiped") }
        }
        secret.withUnsafeMutableBytes { _ = $0.initializeMemory(as: UInt8.self, repeating: number &+ 1) }
        for _ in 0..<100 { try secret.append(number &+ 1) }
        let key = [UInt8](repeating: number, count: 32)
        let code = try HMACSHA256.code(of: secret.span, key: key.span)
        let again = try HMACSHA256.code(of: secret.span, key: key.span)
        let isSame = SecretBytes.constantTimeEquals(code.span, again.span)
        let isOwn = secret.withUnsafeBytes { $0.allSatisfy { $0 == number &+ 1 } }
        if !isSame || !isOwn || secret.count != size + 100 {
            findings.wrong.withLock { $0.append("mixed up") }
        }
    }
}
