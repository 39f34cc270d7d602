import Foundation
import KStackAny
import Sodium
import Synchronization
import System
import TestSupport
import Testing

@testable import KStackCluster

/// Authorities that look like PEM, whose content only TLS would check.
func authorities(_ number: Int) -> String {
    "-----BEGIN CERTIFICATE-----\nMAM\(number)\n-----END CERTIFICATE-----\n"
}

/// The authorities that a sandbox begins with.
let ca = authorities(1)

/// A pod in a folder: a service account as kubelet publishes it, mounted Secrets, and a fake server.
final class Sandbox: Sendable {
    /// The absolute path; removed at the end.
    let path: String

    /// The variables that the pod sees.
    let values = Mutex(["KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "443"])

    /// The lines of the log.
    let lines = Mutex<[String]>([])

    /// The server.
    let server = FakeServer()

    private let generation = Mutex(0)

    init(namespace: String = "layer-3-production") throws {
        path = "\(FileManager.default.temporaryDirectory.path)/kstack-tests-\(UUID().uuidString)"
        try publish("account", ["token": "token-\(canary)-1", "ca.crt": ca, "namespace": namespace])
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Publishes files in a folder atomically, as kubelet does.
    func publish(_ folder: String, _ files: [String: String]) throws {
        try publish(folder, files.mapValues { Data($0.utf8) })
    }

    /// Publishes files of bytes in a folder atomically, as kubelet does.
    func publish(_ folder: String, _ files: [String: Data]) throws {
        let number = generation.withLock { number in
            number += 1
            return number
        }
        let folder = "\(path)/\(folder)"
        let snapshot = "..2026_11_23_00_00_00.\(number)"
        let manager = FileManager.default
        try manager.createDirectory(atPath: "\(folder)/\(snapshot)", withIntermediateDirectories: true)
        for (name, content) in files { try content.write(to: URL(fileURLWithPath: "\(folder)/\(snapshot)/\(name)")) }
        try manager.createSymbolicLink(atPath: "\(folder)/..data_tmp", withDestinationPath: snapshot)
        try #require(rename("\(folder)/..data_tmp", "\(folder)/..data") == 0)
        for name in files.keys where !manager.fileExists(atPath: "\(folder)/\(name)") {
            try manager.createSymbolicLink(atPath: "\(folder)/\(name)", withDestinationPath: "..data/\(name)")
        }
    }

    /// Writes a file.
    func file(_ name: String, _ content: String) throws {
        let folder = URL(fileURLWithPath: "\(path)/\(name)").deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(content.utf8).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
    }

    /// Removes something.
    func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: "\(path)/\(name)")
    }

    /// Sets or unsets a variable.
    func set(_ name: String, _ value: String?) {
        values.withLock { $0[name] = value }
    }

    /// The pod.
    func pod(timeout: Int = 5000) -> Pod {
        let log = Log { _, line in self.lines.withLock { $0.append(line) } }
        return Pod(
            account: ServiceAccount(folder: "\(path)/account", log: log),
            mounts: "\(path)/mounts",
            variables: Variables(
                user: 0,
                text: { name in self.values.withLock { $0[name] }.flatMap { $0.isEmpty ? nil : $0 } },
                secret: { (_) throws(SodiumError) in nil }
            ),
            transport: server,
            clock: server.clock,
            timeout: timeout,
            log: log
        )
    }

    /// The credentials of service "s3" in "layer3".
    func credentials(_ pod: Pod? = nil, environment: String? = nil) throws -> [String: [UInt8]] {
        let credentials = try ClusterSecretsProvider(pod: pod ?? self.pod()).credentials(
            service: Name("s3", kind: "a service"),
            layer: .globalInfrastructure,
            environment: environment.map { try Name($0, kind: "an environment") }
        )
        return pairs(of: credentials)
    }

    /// The error of a call; nil where it has none.
    ///
    /// No error and no line of the log may hold the canary.
    func failure(_ body: () throws -> Void) -> KStackError? {
        let found = caught(KStackError.self, body)
        for line in lines.withLock({ $0 }) { #expect(!line.contains(canary), "\(line)") }
        if let found {
            #expect(!found.message.contains(canary), "\(found.message)")
            #expect(!found.message.contains("\n"))
        }
        return found
    }
}

/// The pairs of credentials, by name.
func pairs(of credentials: Credentials) -> [String: [UInt8]] {
    var pairs: [String: [UInt8]] = [:]
    for index in 0..<credentials.count {
        guard let name = credentials.name(at: index), let value = credentials.value(at: index) else { continue }
        credentials.arena.withUnsafeBytes { bytes in
            pairs[String(decoding: bytes[name], as: UTF8.self)] = Array(bytes[value])
        }
    }
    return pairs
}

/// The source of credentials.
func source(of credentials: Credentials) -> String {
    credentials.arena.withUnsafeBytes { String(decoding: $0[credentials.source], as: UTF8.self) }
}
