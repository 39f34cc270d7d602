import Age
import ByteArrays
import CKStack
import Glibc
import Sodium
import System

/// The scratch folder, which Tests/fuzz/run makes and removes.
enum Scratch {
    static let path: String = {
        guard let path = getenv("KSTACK_FUZZ_SCRATCH") else { fatalError("KSTACK_FUZZ_SCRATCH is not set") }
        return String(cString: path)
    }()
}

/// A project with a vault, reset before each input.
private enum Project {
    static let root = Scratch.path + "/project"
    static let vault = root + "/vault"
    static let file = vault + "/dev/layer3/secret.cloud-credentials.yaml"
    static let identities = root + "/keys.txt"

    static let ciphertext = demand("the seed is encrypted") {
        let plaintext =
            "s3:\n  key: &k [a, {b: c}]\n  again: *k\n  none: ~\nempty: {}\ntext: x\nproviders: {p: {access_key: k, secret_key: s}}\n"
        var source = ByteArraySource(Array(plaintext.utf8))
        var sink = ByteArraySink()
        try Age.encrypt(from: &source, to: &sink, for: Seed.identities.recipients)
        return sink.bytes
    }

    /// Makes the files that inputs never change.
    static let isReady: Bool = {
        mkdir(root, 0o700)
        mkdir(root + "/config", 0o700)
        for name in ["/config/environments", "/config/providers"] { mkdir(root + name, 0o700) }
        let environment = "environment: dev\ndeployment_targets: {layer3: {provider: p}}\n"
        write(Array(environment.utf8), to: root + "/config/environments/dev.yaml")
        let provider = "name: p\nprovider_family: gcp\nprovider_implementation: gcp\nservices: {s3: {x: [a]}}\n"
        write(Array(provider.utf8), to: root + "/config/providers/p.yaml")
        write(Array("environment: dev\nteam: dev\n".utf8), to: root + "/.kstack.yaml")
        write(Array((Seed.identity + "\n").utf8), to: identities)
        require(chdir(root) == 0, "the project is there")
        for name in ["KSTACK_AGE_KEY", "KSTACK_AGE_KEY_FILE", "SOPS_AGE_KEY", "SOPS_AGE_KEY_FILE", "XDG_CONFIG_HOME"] {
            unsetenv(name)
        }
        setenv("HOME", root, 1)
        makeVault()
        return true
    }()

    /// Restores the first state of the vault.
    static func reset() {
        remove(tree: vault)
        makeVault()
    }

    private static func makeVault() {
        for path in [vault, vault + "/.recipients", vault + "/dev", vault + "/dev/layer3", vault + "/other"] {
            mkdir(path, 0o700)
        }
        write(Array((Seed.recipient + "\n").utf8), to: vault + "/.recipients/dev.txt")
        write(ciphertext, to: file)
        write(Array("damaged".utf8), to: vault + "/dev/layer3/secret.damaged.txt")
        write(Array("shared_with: [layer0]\nkey: value\n".utf8), to: vault + "/dev/layer3/own.yaml")
    }

    private static func write(_ bytes: [UInt8], to path: String) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        require(Glibc.write(descriptor, bytes, bytes.count) == bytes.count, "\(path) is written")
        close(descriptor)
    }

    private static func remove(tree path: String) {
        guard unlink(path) != 0, errno == EISDIR else { return }
        let names = demand("the scratch is listed") { try Array(Directory.open(path: path).names()) }
        for name in names { remove(tree: path + "/" + name) }
        require(rmdir(path) == 0, "\(path) is removed")
    }
}

/// The objects that a sequence of calls made, each freed once, and the next choices.
private struct Session {
    var choices: Choices
    var hasChanged = false
    var containers: [OpaquePointer?] = [nil]
    var cancellations: [OpaquePointer?] = [nil]
    var vaults: [OpaquePointer?] = [nil]
    var credentials: [OpaquePointer?] = [nil]
    var secrets: [OpaquePointer?] = [nil]
    var reports: [OpaquePointer?] = [nil]
    var lists: [OpaquePointer?] = [nil]
    var errors: [OpaquePointer?] = [nil]
    var strings: [UnsafeMutablePointer<CChar>?] = [nil]

    /// Strings that are valid somewhere, and some that nearly are.
    private static let texts = [
        "layer3", "3", "LAYER-3-GLOBAL-INFRA", "layer4", "dev", "other", "s3", "empty", "text",
        "cloud-credentials.yaml", "secret.cloud-credentials.yaml", "layer3/cloud-credentials.yaml",
        "layer3/damaged.txt", "damaged.txt", "layer3/../x", "..", ".", "", "/", "a\u{e9}b", "a\u{65}\u{301}b",
        "keys.txt", Project.root, Project.identities, Project.file, Project.root + "/vault/..", "new.txt",
        "layer0/new.txt", ".recipients", ".kstack-state", "vault", "key", "again", "none", "p", "layer0", "own.yaml",
    ]

    /// Picks one of the objects, or NULL.
    mutating func pick<Pointer>(_ pointers: [Pointer?]) -> Pointer? {
        pointers[choices.number(below: pointers.count)]
    }

    /// Returns a string: NULL, a known one, bytes of the input, or a very long one.
    mutating func text() -> Text {
        switch choices.number(below: 8) {
        case 0: return Text(nil)
        case 1, 2:
            let count = choices.number(below: 32)
            return Text(choices.bytes(count))
        case 3:
            let byte = choices.byte()
            return Text([UInt8](repeating: byte, count: choices.number(below: 24) * 999))
        default: return Text(Array(Self.texts[choices.number(below: Self.texts.count)].utf8))
        }
    }

    /// Returns an index, in range or far out of it.
    mutating func index() -> Int {
        let byte = choices.byte()
        switch byte {
        case 255: return .max
        case 254: return .min
        case 253: return -1
        default: return Int(byte % 8)
        }
    }

    /// Calls with or without a place for an object and for an error, and keeps the results.
    mutating func make<Out>(
        _ kept: WritableKeyPath<Session, [Out?]>,
        _ body: (UnsafeMutablePointer<Out?>?, UnsafeMutablePointer<OpaquePointer?>?) -> kstack_status
    ) {
        let flags = choices.byte()
        var out: Out?
        var error: OpaquePointer?
        let status = withUnsafeMutablePointer(to: &out) { out in
            withUnsafeMutablePointer(to: &error) { error in
                body(flags & 3 == 3 ? nil : out, flags & 12 == 12 ? nil : error)
            }
        }
        let known = KSTACK_OK...KSTACK_ERROR_CANCELLED
        require(known.contains(status) && status != KSTACK_ERROR_INTERNAL, "the status is known: \(status)")
        if flags & 12 != 12 { require((error != nil) == (status != KSTACK_OK), "there is an error after a failure") }
        if let error {
            require(kstack_error_code(error) == status, "the error has the status")
            require(strlen(kstack_error_message(error)) > 0, "the error has a message")
            errors.append(error)
        }
        // A failure also returns a report.
        let isReport = kept == \Session.reports as AnyKeyPath
        require(status == KSTACK_OK || isReport || out == nil, "a failure returns nothing")
        if let out { self[keyPath: kept].append(out) }
    }

    /// Frees one of the objects, or NULL.
    mutating func free<Pointer>(_ kept: WritableKeyPath<Session, [Pointer?]>, _ body: (Pointer?) -> Void) {
        let position = choices.number(below: self[keyPath: kept].count)
        body(self[keyPath: kept][position])
        if position > 0 { self[keyPath: kept].remove(at: position) }
    }

    /// Frees all remaining objects.
    mutating func end() {
        credentials.forEach(kstack_credentials_free)
        secrets.forEach(kstack_secret_free)
        reports.forEach(kstack_vault_report_free)
        lists.forEach(kstack_string_list_free)
        containers.forEach(kstack_container_free)
        cancellations.forEach(kstack_cancellation_free)
        vaults.forEach(kstack_vault_free)
        errors.forEach(kstack_error_free)
        strings.forEach(kstack_string_free)
        if hasChanged { Project.reset() }
    }
}

/// A C string on the heap with exactly its length, so that a read past it is detected; or NULL.
private final class Text {
    let pointer: UnsafePointer<CChar>?

    init(_ bytes: [UInt8]?) {
        guard let bytes else {
            pointer = nil
            return
        }
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count + 1)
        for index in bytes.indices { copy[index] = CChar(bitPattern: bytes[index]) }
        copy[bytes.count] = 0
        pointer = UnsafePointer(copy)
    }

    deinit { pointer?.deallocate() }
}

/// Options in as many bytes as their size says, up to what the library may read.
private func withOptions<Options>(
    _ options: Options,
    _ session: inout Session,
    _ body: (UnsafePointer<Options>?) -> Void
) {
    let known = MemoryLayout<Options>.size
    let size: Int
    switch session.choices.number(below: 16) {
    case 0: return body(nil)
    case 1: size = 0
    case 2: size = known - 1
    case 3: size = known + session.choices.number(below: 64)
    case 4: size = 4096
    case 5: size = 4097
    case 6: size = .max
    case 7: size = .min
    default: size = known
    }
    let count = size >= known && size <= 4096 ? size : known
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 8)
    defer { bytes.deallocate() }
    bytes.initializeMemory(as: UInt8.self, repeating: 0)
    withUnsafeBytes(of: options) { bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0.prefix(count))) }
    bytes.storeBytes(of: size, as: Int.self)
    if count > known { bytes[count - 1] = session.choices.byte() & 1 }
    body(bytes.assumingMemoryBound(to: Options.self).baseAddress)
}

private let ignoreLine: kstack_log_function = { _, _, message in
    guard let message, strlen(message) > 0 else { fatalError("a line of the log is empty") }
}

/// Sequences of calls of the C API.
func checkCalls(_ bytes: [UInt8]) {
    require(Project.isReady, "there is a project")
    var session = Session(choices: Choices(bytes))
    var count = 0
    // Most calls need a container first.
    if session.choices.byte() & 7 != 0 { newContainer(&session, isGood: true) }
    if session.choices.byte() & 3 != 0 { session.openVault("dev") }
    while !session.choices.isEmpty, count < 64 {
        let calls = functions[session.choices.number(below: functions.count)]
        calls(&session)
        count += 1
    }
    session.end()
}

extension Session {
    /// Opens a vault in the container made last.
    fileprivate mutating func openVault(_ environment: String) {
        let container = containers.last ?? nil
        make(\.vaults) { kstack_vault_open(container, environment, $0, $1) }
    }
}

private func newContainer(_ session: inout Session, isGood: Bool) {
    let root = isGood ? Text(Array(Project.root.utf8)) : session.text()
    let file = isGood ? Text(Array(Project.identities.utf8)) : session.text()
    let passphrase = isGood ? Text(nil) : session.text()
    var options = kstack_options()
    options.project_root = root.pointer
    options.identity_file = file.pointer
    options.passphrase = passphrase.pointer
    if session.choices.byte() & 1 == 1 { options.log = ignoreLine }
    if isGood {
        options.struct_size = MemoryLayout<kstack_options>.size
        session.make(\.containers) { kstack_container_new(&options, $0, $1) }
        return
    }
    // Copied, since the session is borrowed while the options are.
    var copy = session
    withOptions(options, &session) { options in copy.make(\.containers) { kstack_container_new(options, $0, $1) } }
    let rest = session.choices
    session = copy
    session.choices = rest
    withExtendedLifetime((root, file, passphrase)) {}
}

/// Makes a scope whose calls may run for a minute, for a millisecond, until cancelled, or until they check.
private func newScope(_ session: inout Session, ofVault: Bool) {
    let (container, vault) = (session.pick(session.containers), session.pick(session.vaults))
    var scope = kstack_scope()
    scope.timeout_ms = [0, 60_000, 1, .max][session.choices.number(below: 4)]
    scope.cancellation = session.pick(session.cancellations)
    scope.is_interrupted = [nil, { _ in false }, { _ in true }][session.choices.number(below: 3)]
    // Copied, since the session is borrowed while the options are.
    var copy = session
    withOptions(scope, &session) { scope in
        if ofVault {
            copy.make(\.vaults) { kstack_vault_scope(vault, scope, $0, $1) }
        } else {
            copy.make(\.containers) { kstack_container_scope(container, scope, $0, $1) }
        }
    }
    let rest = session.choices
    session = copy
    session.choices = rest
}

private typealias Run = (
    OpaquePointer?, UnsafePointer<kstack_vault_options>?, UnsafeMutablePointer<OpaquePointer?>?,
    UnsafeMutablePointer<OpaquePointer?>?
) -> kstack_status

/// Encrypts or decrypts a vault.
private func run(_ session: inout Session, _ body: Run) {
    session.hasChanged = true
    let vault = session.pick(session.vaults)
    let team = session.choices.number(below: 4) == 0 ? session.text() : Text(nil)
    var paths: [Text] = []
    for _ in 0..<session.choices.number(below: 4) { paths.append(session.text()) }
    var pointers = paths.map(\.pointer)
    let count = pointers.count
    let counts: [Int] = [count, count, count, 0, -1, 100_001, .max]
    pointers.withUnsafeMutableBufferPointer { files in
        var options = kstack_vault_options()
        options.team = team.pointer
        options.files = count == 0 ? nil : UnsafePointer(files.baseAddress)
        options.file_count = counts[session.choices.number(below: counts.count)]
        options.flags = UInt32(session.choices.number(below: 3))
        var copy = session
        withOptions(options, &session) { options in copy.make(\.reports) { body(vault, options, $0, $1) } }
        let rest = session.choices
        session = copy
        session.choices = rest
    }
    withExtendedLifetime((team, paths)) {}
}

/// Reads a string that an accessor returns.
private func look(_ text: UnsafePointer<CChar>?) {
    guard let text else { return }
    require(String(validatingCString: text) != nil, "a string is UTF-8")
}

private let functions: [@Sendable (inout Session) -> Void] = [
    { newContainer(&$0, isGood: false) },
    { newContainer(&$0, isGood: true) },
    { newScope(&$0, ofVault: false) },
    { newScope(&$0, ofVault: true) },
    { session in session.make(\.cancellations) { kstack_cancellation_new($0, $1) } },
    { session in kstack_cancellation_cancel(session.pick(session.cancellations)) },
    { session in
        let container = session.pick(session.containers)
        let environment = session.text()
        session.make(\.vaults) { kstack_vault_open(container, environment.pointer, $0, $1) }
    },
    { session in
        let container = session.pick(session.containers)
        let (service, layer, environment) = (session.text(), session.text(), session.text())
        session.make(\.credentials) {
            kstack_get_credentials(container, service.pointer, layer.pointer, environment.pointer, $0, $1)
        }
    },
    { session in
        let container = session.containers.last ?? nil
        let service = session.choices.byte() & 1 == 0 ? "s3" : "empty"
        session.make(\.credentials) { kstack_get_credentials(container, service, "layer3", nil, $0, $1) }
    },
    { session in
        let container = session.pick(session.containers)
        let (service, layer, environment) = (session.text(), session.text(), session.text())
        let provider = session.text()
        session.make(\.credentials) { kstack_load_secrets(container, layer.pointer, environment.pointer, $0, $1) }
        session.make(\.strings) { kstack_get_active_route(container, layer.pointer, $0, $1) }
        session.make(\.strings) {
            kstack_aws_credential_process(container, service.pointer, layer.pointer, environment.pointer, $0, $1)
        }
        session.make(\.credentials) {
            kstack_resolve_service(
                container,
                service.pointer,
                layer.pointer,
                environment.pointer,
                provider.pointer,
                $0,
                $1
            )
        }
    },
    { session in
        let container = session.containers.last ?? nil
        let layer = session.choices.byte() & 1 == 0 ? "layer3" : "layer0"
        session.make(\.credentials) { kstack_load_secrets(container, layer, nil, $0, $1) }
        session.make(\.credentials) { kstack_resolve_service(container, "s3", layer, nil, nil, $0, $1) }
    },
    { session in
        let container = session.pick(session.containers)
        session.make(\.strings) { kstack_get_environment(container, $0, $1) }
        session.make(\.strings) { kstack_get_config_root(container, $0, $1) }
        session.make(\.strings) { kstack_get_vault_root(container, $0, $1) }
        session.make(\.lists) { kstack_list_environments(container, $0, $1) }
    },
    { session in
        let container = session.pick(session.containers)
        let (layer, environment) = (session.text(), session.text())
        session.make(\.lists) { kstack_list_services(container, layer.pointer, environment.pointer, $0, $1) }
    },
    { session in
        let vault = session.pick(session.vaults)
        let (layer, which) = (session.text(), kstack_vault_files(session.index() & 7) - 1)
        session.make(\.lists) { kstack_vault_list(vault, layer.pointer, which, $0, $1) }
        look(kstack_vault_path(vault))
        look(kstack_vault_environment(vault))
    },
    { session in
        let vault = session.pick(session.vaults)
        let (layer, name) = (session.text(), session.text())
        session.make(\.secrets) { kstack_vault_read(vault, layer.pointer, name.pointer, $0, $1) }
        session.make(\.strings) { kstack_vault_get_file(vault, layer.pointer, name.pointer, $0, $1) }
    },
    { session in
        session.hasChanged = true
        let vault = session.pick(session.vaults)
        let (layer, name, team) = (session.text(), session.text(), session.text())
        let data = session.choices.bytes(session.choices.number(below: 64))
        let sizes: [Int] = [data.count, data.count, 0, -1, .min]
        let size = sizes[session.choices.number(below: sizes.count)]
        let isNull = session.choices.number(below: 4) == 0
        session.make(\.strings) { _, error in
            data.withUnsafeBytes { data in
                kstack_vault_write(
                    vault,
                    layer.pointer,
                    name.pointer,
                    isNull ? nil : data.baseAddress,
                    size,
                    team.pointer,
                    error
                )
            }
        }
    },
    { session in
        session.hasChanged = true
        let vault = session.vaults.last ?? nil
        let name = session.text()
        let data = session.choices.bytes(session.choices.number(below: 64))
        session.make(\.strings) { _, error in
            kstack_vault_write(vault, "layer3", name.pointer, data, data.count, nil, error)
        }
        session.make(\.secrets) { kstack_vault_read(vault, "layer3", name.pointer, $0, $1) }
    },
    { run(&$0, kstack_vault_decrypt) },
    { run(&$0, kstack_vault_encrypt) },
    { run(&$0, kstack_vault_rekey) },
    { run(&$0, kstack_vault_status) },
    { session in
        session.hasChanged = true
        let vault = session.vaults.last ?? nil
        session.make(\.reports) { kstack_vault_decrypt(vault, nil, $0, $1) }
        session.make(\.reports) { kstack_vault_encrypt(vault, nil, $0, $1) }
    },
    { session in
        let vault = session.pick(session.vaults)
        let (hasOut, hasError) = (session.choices.byte() & 1 == 0, session.choices.byte() & 1 == 0)
        var (out, error): (Bool, OpaquePointer?) = (true, nil)
        let status = withUnsafeMutablePointer(to: &out) { out in
            withUnsafeMutablePointer(to: &error) { error in
                kstack_vault_is_encrypted(vault, hasOut ? out : nil, hasError ? error : nil)
            }
        }
        require(!hasOut || status == KSTACK_OK || !out, "the output of a failure is false")
        session.errors.append(error)
    },
    { session in
        let credentials = session.pick(session.credentials)
        session.make(\.credentials) { kstack_credentials_aws_keys(credentials, $0, $1) }
        session.make(\.credentials) { kstack_credentials_environ(credentials, $0, $1) }
    },
    { session in
        let credentials = session.pick(session.credentials)
        let (index, name) = (session.index(), session.text())
        look(kstack_credentials_name(credentials, index))
        let string = kstack_credentials_get(credentials, name.pointer)
        look(string)
        var length = 99
        let bytes = kstack_credentials_get_bytes(credentials, name.pointer, &length)
        require(bytes != nil || length == 0, "nothing has no size")
        require(string.map { strlen($0) == length } ?? true, "a string is the whole value")
        look(kstack_credentials_json(credentials))
        look(kstack_credentials_source(credentials))
        var size = 99
        let hasSize = session.choices.byte() & 1 == 0
        let value = withUnsafeMutablePointer(to: &size) {
            kstack_credentials_value(credentials, index, hasSize ? $0 : nil)
        }
        require((value == nil) == !(0..<kstack_credentials_count(credentials)).contains(index), "a value is in range")
    },
    { session in
        let secret = session.pick(session.secrets)
        let size = kstack_secret_size(secret)
        guard let data = kstack_secret_data(secret) else { return require(size == 0, "nothing has no size") }
        require(data.load(fromByteOffset: size, as: UInt8.self) == 0, "a NUL follows a secret")
    },
    { session in
        let report = session.pick(session.reports)
        let index = session.index()
        let isThere = (0..<kstack_vault_report_count(report)).contains(index)
        look(kstack_vault_report_path(report, index))
        look(kstack_vault_report_message(report, index))
        require((kstack_vault_report_message(report, index) != nil) == isThere, "a message is in range")
        let known = KSTACK_VAULT_UNCHANGED...KSTACK_VAULT_IN_CLEAR
        require(known.contains(kstack_vault_report_result(report, index)), "a result is known")
        require(kstack_vault_report_flags(report, index) <= 3, "the flags are known")
    },
    { session in
        let list = session.pick(session.lists)
        let index = session.index()
        let text = kstack_string_list_get(list, index)
        require((text != nil) == (0..<kstack_string_list_count(list)).contains(index), "a string is in range")
        look(text)
    },
    { session in
        let error = session.pick(session.errors)
        look(kstack_error_message(error))
        look(kstack_status_name(kstack_error_code(error)))
        _ = kstack_error_is_retryable(error)
        _ = kstack_error_errno(error)
        look(kstack_error_path(error))
        look(kstack_status_name(kstack_status(truncatingIfNeeded: session.index())))
    },
    { session in
        let text = session.text()
        let (hasOut, number) = (session.choices.byte() & 1 == 0, kstack_layer(truncatingIfNeeded: session.index()))
        var (out, error): (kstack_layer, OpaquePointer?) = (99, nil)
        let status = withUnsafeMutablePointer(to: &out) { kstack_layer_parse(text.pointer, hasOut ? $0 : nil, &error) }
        session.errors.append(error)
        if hasOut { require((status == KSTACK_OK) == (0...3).contains(out), "a layer has a number") }
        look(kstack_layer_name(number))
        look(kstack_layer_namespace(number))
        look(kstack_layer_display_name(number))
        require((-1...3).contains(kstack_layer_number(number)), "a number is in range")
    },
    { session in
        var error: OpaquePointer?
        _ = kstack_guard(kstack_context(truncatingIfNeeded: session.index()), &error)
        session.errors.append(error)
        look(kstack_version())
        look(kstack_context_reason())
    },
    { session in
        var (identity, recipient): (UnsafeMutablePointer<CChar>?, UnsafeMutablePointer<CChar>?) = (nil, nil)
        let flags = session.choices.byte()
        var error: OpaquePointer?
        let status = withUnsafeMutablePointer(to: &identity) { identity in
            withUnsafeMutablePointer(to: &recipient) { recipient in
                (flags & 16 == 0 ? kstack_identity_generate : kstack_identity_generate_post_quantum)(
                    flags & 3 == 3 ? nil : identity,
                    flags & 12 == 12 ? nil : recipient,
                    &error
                )
            }
        }
        require((status == KSTACK_OK) == (identity != nil && recipient != nil), "there are both halves, or none")
        session.errors.append(error)
        session.strings += [identity, recipient]
    },
    { $0.free(\.containers, kstack_container_free) },
    { $0.free(\.cancellations, kstack_cancellation_free) },
    { $0.free(\.vaults, kstack_vault_free) },
    { $0.free(\.credentials, kstack_credentials_free) },
    { $0.free(\.secrets, kstack_secret_free) },
    { $0.free(\.reports, kstack_vault_report_free) },
    { $0.free(\.lists, kstack_string_list_free) },
    { $0.free(\.errors, kstack_error_free) },
    { $0.free(\.strings, kstack_string_free) },
]
