import CKStack
import Foundation
import KStackAny
import Sodium
import System
import Testing

@testable import KStack
@testable import KStackCluster
@testable import KStackLocal

/// The secrets providers, each with a way to set its answers.
enum ProviderUnderTest: CaseIterable {
    case vault
    case mountedSecrets
    case apiServer
    case program

    /// Makes a provider that knows the services and the secrets of one layer in one environment.
    func make(
        services: [String: [String: String]],
        secrets: [String: String],
        layer: String,
        environment: String
    ) throws -> any SecretsProvider {
        var objects = ["\(layer)-secrets": secrets]
        for (service, values) in services { objects["\(layer)-\(service)-credentials"] = values }
        let folder = try Folder()
        switch self {
        case .vault:
            // Another provider's section is not that of a service.
            let other = "localstack"
            var sections: [String: Any] = services.filter { $0.key != other }
            sections["providers"] = [other: services[other] ?? [:]]
            try folder.file(".kstack.yaml", Data("environment: \(environment)\n".utf8))
            // JSON is YAML.
            let place = "vault/\(environment)/\(layer)"
            try folder.file("\(place)/cloud-credentials.yaml", JSONSerialization.data(withJSONObject: sections))
            try folder.file("\(place)/app.yaml", JSONSerialization.data(withJSONObject: secrets))
            let variables = Variables.process
            return LocalSecretsProvider(
                project: try Project(root: folder.path, user: variables.user),
                identities: IdentityStore(file: nil, passphrase: nil, variables: variables, log: Log()),
                log: folder.log
            )
        case .mountedSecrets:
            for (name, values) in objects {
                for (key, value) in values { try folder.file("mounts/\(name)/\(key)", Data(value.utf8)) }
            }
            return try ClusterSecretsProvider(pod: pod(in: folder, environment, objects: [:]))
        case .apiServer:
            return try ClusterSecretsProvider(pod: pod(in: folder, environment, objects: objects))
        case .program:
            let program = Program(objects: objects, environment: environment)
            return try InjectedSecretsProvider.make(program.functions)
        }
    }

    private func pod(in folder: Folder, _ environment: String, objects: [String: [String: String]]) throws -> Pod {
        let namespace = "layer-3-\(environment)"
        let authorities = "-----BEGIN CERTIFICATE-----\nMAM1\n-----END CERTIFICATE-----\n"
        for (name, content) in ["token": "token", "ca.crt": authorities, "namespace": namespace] {
            try folder.file("account/\(name)", Data(content.utf8))
        }
        let values = ["KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "443"]
        return Pod(
            account: ServiceAccount(folder: "\(folder.path)/account", log: folder.log),
            mounts: "\(folder.path)/mounts",
            variables: Variables(user: 0, text: { values[$0] }, secret: { (_) throws(SodiumError) in nil }),
            transport: Server(objects: objects),
            clock: .system,
            timeout: 5000,
            log: folder.log
        )
    }
}

/// A folder that lives as long as its log.
private final class Folder: Sendable {
    let path: String

    init() throws {
        let base = try Paths.canonical(FileManager.default.temporaryDirectory.path)
        path = "\(base)/kstack-tests-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// A log that keeps the folder.
    var log: Log { Log { [self] _, _ in withExtendedLifetime(self) {} } }

    /// Writes a file, with the folders above it, for nobody else.
    func file(_ name: String, _ content: Data) throws {
        var whole = path
        for part in name.split(separator: "/").dropLast() {
            whole += "/\(part)"
            guard mkdir(whole, 0o700) == 0 || errno == EEXIST else { throw FileError(code: errno, path: whole) }
        }
        let made = FileManager.default.createFile(
            atPath: "\(path)/\(name)",
            contents: content,
            attributes: [.posixPermissions: 0o600]
        )
        try #require(made)
    }
}

/// An API server that has some Secrets.
private struct Server: Transport {
    let objects: [String: [String: String]]

    func send(_ request: Request) throws(TransportFailure) -> Answer {
        let path = request.url.split(separator: "?").first ?? ""
        let name = String(path.split(separator: "/").last ?? "")
        var object: [String: Any] = ["kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 404]
        object["reason"] = "NotFound"
        object["details"] = ["name": name, "kind": "secrets"]
        if let values = objects[name] {
            object = ["kind": "Secret", "apiVersion": "v1"]
            object["metadata"] = ["name": name, "namespace": "layer-3-production", "resourceVersion": "1"]
            object["data"] = values.mapValues { Data($0.utf8).base64EncodedString() }
        }
        do {
            let json = try JSONSerialization.data(withJSONObject: object)
            return Answer(
                status: objects[name] == nil ? 404 : 200,
                retryAfter: nil,
                body: try SecretBytes(copying: Array(json).span),
                isOfNewConnection: false
            )
        } catch {
            throw .outOfMemory
        }
    }
}

/// A program with its own provider.
private final class Program {
    let objects: [String: [String: String]]
    let environment: String

    init(objects: [String: [String: String]], environment: String) {
        self.objects = objects
        self.environment = environment
    }

    /// Its functions, which keep it.
    var functions: kstack_secrets_provider {
        kstack_secrets_provider(
            struct_size: MemoryLayout<kstack_secrets_provider>.size,
            context: Unmanaged.passRetained(self).toOpaque(),
            get_credentials: { context, service, layer, environment, reply in
                let name = "\(text(layer) ?? "")-\(text(service) ?? "")-credentials"
                return Program.of(context)?.answer(name, text(environment), reply) ?? KSTACK_ERROR_INTERNAL
            },
            load_secrets: { context, layer, environment, reply in
                let name = "\(text(layer) ?? "")-secrets"
                return Program.of(context)?.answer(name, text(environment), reply) ?? KSTACK_ERROR_INTERNAL
            },
            release: { context in context.map { Unmanaged<Program>.fromOpaque($0).release() } }
        )
    }

    private static func of(_ context: UnsafeMutableRawPointer?) -> Program? {
        context.map { Unmanaged<Program>.fromOpaque($0).takeUnretainedValue() }
    }

    private func answer(_ name: String, _ environment: String?, _ reply: OpaquePointer?) -> kstack_status {
        guard environment == nil || environment == self.environment, let values = objects[name] else {
            return KSTACK_ERROR_SERVICE_NOT_FOUND
        }
        for (name, value) in values {
            let bytes = Array(value.utf8)
            let status = kstack_reply_set(reply, name, bytes, bytes.count)
            if status != KSTACK_OK { return status }
        }
        return KSTACK_OK
    }
}
