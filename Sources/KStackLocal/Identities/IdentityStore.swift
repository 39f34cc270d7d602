public import Age
public import KStackAny
import Sodium
import System

/// The identities of the user, from the first source that is set or exists.
///
/// They are kept for the life of the store and read again when their source changes, so that the costly key of a
/// passphrase is derived once.
public final class IdentityStore: Sendable {
    private let option: String?
    private let passphrase: Passphrase?
    private let variables: Variables
    private let log: Log
    private let loaded = Guarded<LoadedIdentities?>(nil)
    private let unlocking = Turn()

    /// A pipe that a call began to read and could not finish; the next call reads on.
    private let begun = Guarded<Pipe?>(nil)

    /// Makes a store; nothing is read yet.
    ///
    /// - Parameters:
    ///   - file: the caller's own file of identities.
    ///   - passphrase: that of an encrypted file of identities; nil for the variable `KSTACK_AGE_PASSPHRASE`.
    public init(file: String?, passphrase: Passphrase?, variables: Variables, log: Log) {
        option = file
        self.passphrase = passphrase
        self.variables = variables
        self.log = log
    }

    /// The identities of the first source that is set or exists.
    ///
    /// - Throws: `vault` where no source is, or a passphrase does not fit; `configuration` for a source that is malformed
    ///   or untrusted; `io`.
    func identities() throws(KStackError) -> Identities {
        try load().identities
    }

    /// As above, with the keys of the files that they opened.
    func load() throws(KStackError) -> LoadedIdentities {
        if let current = try current(loaded.withLock { $0 }) { return current }
        // Threads that come while one unlocks an identity wait for it and do not unlock it again.
        var ignored: (identities: Identities, place: String)?
        // Logged after the lock is released: the program's log function may look something up itself.
        defer { if let ignored { logIgnored(ignored.identities, in: ignored.place) } }
        let ended = { KStackError(ended: $0, "waiting for another thread, which reads the age identities") }
        return try unlocking.take(orThrow: ended) { () throws(KStackError) -> LoadedIdentities in
            if let current = try current(loaded.withLock { $0 }) { return current }
            while let first = try firstSource() {
                let found: LoadedIdentities?
                switch first.finding {
                case .absent: found = nil
                case .text(let variable):
                    found = try load(variable: variable)
                    ignored = found.map { ($0.identities, variable) }
                case .file(let path):
                    let loaded = try load(path: path, of: first.source)
                    found = loaded
                    ignored = (loaded.identities, path)
                }
                // The variable was unset meanwhile.
                guard let found else { continue }
                loaded.withLock { $0 = found }
                return found
            }
            throw KStackError(
                .vault,
                "there is no age identity to decrypt with; looked for, in this order: \(describeSources(found: nil)). "
                    + "Make one with: \(IdentitySource.recipe(variables)), and send the public key that it prints to a "
                    + "colleague, who adds it and rekeys"
            )
        }
    }

    /// The public halves of the identities, `age1…`.
    ///
    /// - Throws: as `identities`.
    public func publicKeys() throws(KStackError) -> [String] {
        try identities().recipients.map(\.bech32)
    }

    /// The sources in order, each with what was found there, without anything of an identity.
    public var sources: [(label: String, state: String)] { describedSources(found: nil) }

    /// Whether some source is set or exists, whatever is in it.
    public func hasSource() throws(KStackError) -> Bool {
        try firstSource() != nil
    }

    /// The first source that is set or exists, and what was found there.
    private func firstSource() throws(KStackError) -> (source: IdentitySource, finding: IdentitySource.Finding)? {
        for source in IdentitySource.allCases {
            let finding = try source.find(option: option, variables: variables)
            if case .absent = finding { continue }
            return (source, finding)
        }
        return nil
    }

    /// The loaded identities, where the first source is still theirs and unchanged.
    private func current(_ loaded: LoadedIdentities?) throws(KStackError) -> LoadedIdentities? {
        guard let loaded, let first = try firstSource() else { return nil }
        switch first.finding {
        case .absent: return nil
        case .text(let variable):
            let value = try mapError(KStackError.memory, variables.secret(variable))
            guard let text = value else { return nil }
            return loaded.isText(text.span, of: variable) ? loaded : nil
        case .file(let path):
            if loaded.isPipe(path) { return loaded }
            let version = try version(of: path)
            return version.map { loaded.isFile(path, $0) } ?? false ? loaded : nil
        }
    }

    private func version(of path: String) throws(KStackError) -> FileVersion? {
        try mapError(KStackError.file, Paths.status(of: path)?.version)
    }

    /// The sources in order, each with what was found there, for an error.
    ///
    /// - Parameter found: a note on the source that was used.
    func describeSources(found: String?) -> String {
        describedSources(found: found).enumerated().map { "\($0.offset + 1) \($0.element.label): \($0.element.state)" }
            .joined(separator: "; ")
    }

    private func describedSources(found: String?) -> [(label: String, state: String)] {
        var parts: [(label: String, state: String)] = []
        var isUsed = false
        var usedLabel = ""
        for source in IdentitySource.allCases {
            let state: String
            do throws(KStackError) {
                switch try source.find(option: option, variables: variables) {
                case .absent(let reason): state = reason
                case _ where isUsed: state = "skipped, \(usedLabel) comes first"
                case .text:
                    state = found ?? "set"
                    (isUsed, usedLabel) = (true, source.label)
                case .file(let path):
                    let isThere = (try? Paths.linkStatus(of: path)).flatMap { $0 } != nil
                    state = "\(isThere ? path : KStackError.missingPath(path))\(found.map { ", \($0)" } ?? "")"
                    (isUsed, usedLabel) = (true, source.label)
                }
            } catch {
                // A problem with another source is listed with it, and does not hide this error.
                state = error.message
            }
            parts.append((source.label, state))
        }
        return parts
    }

    /// Loads the identities of a variable; nil where it was unset meanwhile.
    private func load(variable: String) throws(KStackError) -> LoadedIdentities? {
        let value = try mapError(KStackError.memory, variables.secret(variable))
        guard let text = value else { return nil }
        let identities: Identities
        do throws(AgeError) {
            identities = try Identities.parse(list: text.span)
        } catch {
            throw explain(error, variable)
        }
        let copy = try mapError(KStackError.memory, SecretBytes(copying: text.span))
        return LoadedIdentities(identities, text: SharedSecret(copy), of: variable)
    }

    /// Loads the identities of a file.
    private func load(path: String, of source: IdentitySource) throws(KStackError) -> LoadedIdentities {
        let status = try mapError(KStackError.file, Paths.status(of: path))
        let unlocked = IdentityFile(path: path, passphrase: passphrase, variables: variables)
        switch status?.kind {
        case nil:
            throw KStackError(
                .configuration,
                "\(source.label) names \(KStackError.missingPath(path)), which does not exist; correct it, or unset it "
                    + "to use the next source"
            )
        case .directory:
            throw KStackError(
                .configuration,
                "\(source.label): \(path) is a directory, not a file; add the file's name"
            )
        case .pipe:
            return LoadedIdentities(try read(pipe: path, unlocked), pipe: path)
        default: break
        }
        let file: OpenFile
        do throws(FileError) {
            file = try OpenFile.open(path: path)
        } catch {
            let message = "\(source.label): \(KStackError.text(of: error))"
            throw error.kind == .wrongKind ? KStackError(.configuration, message) : .io(error, message)
        }
        try Trust(user: variables.user).checkPrivate(file.status, path: path)
        return LoadedIdentities(try unlocked.read(file), path: path, version: file.status.version)
    }

    /// Reads a pipe, from where an earlier call stopped.
    private func read(pipe path: String, _ file: IdentityFile) throws(KStackError) -> Identities {
        var earlier: Pipe?
        begun.withLock { swap(&$0, &earlier) }
        var opened = try mapError(KStackError.file, Pipe.open(path: path))
        try Trust(user: variables.user).checkPrivate(opened.status, path: path)
        if let pipe = earlier.take(), pipe.status.version.isOfSameFile(as: opened.status.version) { opened = pipe }
        do throws(KStackError) {
            return try file.read(&opened)
        } catch {
            if !opened.isFinished {
                earlier = consume opened
                begun.withLock { swap(&$0, &earlier) }
            }
            throw error
        }
    }

    /// The error for a variable that holds no identity, perhaps a path.
    private func explain(_ error: AgeError, _ variable: String) -> KStackError {
        guard case .malformedKey(let line, let reason) = error, reason.hasPrefix("expected") else {
            return KStackError(error, path: variable)
        }
        let place = line.map { ", line \($0)" } ?? ""
        return KStackError(
            .configuration,
            "\(variable)\(place): \(reason); for a path set \(variable)_FILE; remove any quotes"
        )
    }

    private func logIgnored(_ identities: Identities, in place: String) {
        for kind in identities.ignored { log(.info, "\(place): a \(kind) is ignored, which is not supported") }
    }
}
