public import Age
import Files
public import KStackAny
import Sodium
import Synchronization

/// The identities of the user, from the first source that is set or exists.
///
/// What was read stays for the life of the store and is read again when its source changed, so that a passphrase is
/// asked for, and the costly key made of it, once.
public final class IdentityStore: Sendable {
    private let option: String?
    private let passphrase: Passphrase?
    private let variables: Variables
    private let log: Log
    // Held while identities are unlocked: threads that come meanwhile wait for them and do not unlock them again.
    private let loaded = Mutex<LoadedIdentities?>(nil)

    /// Takes where to look; nothing is read yet.
    ///
    /// - Parameters:
    ///   - file: the caller's own file of identities.
    ///   - passphrase: what opens an encrypted file of identities; nil for the variable `KSTACK_AGE_PASSPHRASE`.
    public init(file: String?, passphrase: Passphrase?, variables: Variables, log: Log) {
        option = file
        self.passphrase = passphrase
        self.variables = variables
        self.log = log
    }

    /// The identities of the first source that is set or exists.
    ///
    /// - Throws: `vault` where no source is, or a passphrase does not fit; `configuration` for a source that is bad or
    ///   not to be trusted; `io`.
    func identities() throws(KStackError) -> Identities {
        try loaded.withLock { (loaded) throws(KStackError) -> Identities in
            for source in IdentitySource.allCases {
                switch try source.find(option: option, variables: variables) {
                case .absent: continue
                case .text(let variable): loaded = try load(variable: variable, known: loaded)
                case .file(let path): loaded = try load(path: path, of: source, known: loaded)
                }
                if let loaded { return loaded.identities }
            }
            throw KStackError(
                .vault,
                "there is no age identity to decrypt with; looked at, in this order: \(try describeSources(found: nil)). "
                    + "Make one with: age-keygen -o ~/.config/kstack/age/keys.txt"
            )
        }
    }

    /// The sources in their order, each with what was found there, for an error.
    ///
    /// - Parameter found: what to say of the source that was used.
    func describeSources(found: String?) throws(KStackError) -> String {
        var parts: [String] = []
        var isUsed = false
        for source in IdentitySource.allCases {
            let state: String
            switch try source.find(option: option, variables: variables) {
            case .absent(let reason): state = reason
            case _ where isUsed: state = "set, but not used, since an earlier one is"
            case .text:
                state = found ?? "set"
                isUsed = true
            case .file(let path):
                state = "\(path)\(found.map { ", \($0)" } ?? "")"
                isUsed = true
            }
            parts.append("\(source.label): \(state)")
        }
        return parts.enumerated().map { "\($0.offset + 1) \($0.element)" }.joined(separator: "; ")
    }

    /// Takes the identities out of a variable, unless they are the ones that are known.
    private func load(variable: String, known: LoadedIdentities?) throws(KStackError) -> LoadedIdentities? {
        let value = try KStackError.inMemory { () throws(SodiumError) in try variables.secret(variable) }
        guard let text = value else { return nil }
        if let known, known.isText(text.span, of: variable) { return known }
        let identities: Identities
        do throws(AgeError) {
            identities = try Identities.parse(list: text.span)
        } catch {
            throw KStackError(error, path: variable)
        }
        reportPassedOver(identities, in: variable)
        let copy = try KStackError.inMemory { () throws(SodiumError) in try SecretBytes(copying: text.span) }
        return LoadedIdentities(identities, text: SecretText(copy), of: variable)
    }

    /// Takes the identities out of a file, unless it is the one that is known.
    private func load(
        path: String,
        of source: IdentitySource,
        known: LoadedIdentities?
    ) throws(KStackError) -> LoadedIdentities {
        let file: OpenFile
        do throws(FileError) {
            if let known, let version = try Paths.status(of: path)?.version, known.isFile(path, version) {
                return known
            }
            file = try OpenFile.open(path: path)
        } catch {
            guard error.kind == .notFound else { throw KStackError(error) }
            throw KStackError(
                .configuration,
                "\(source.label) names \(path), where there is no file; correct it, or unset it to use the next source"
            )
        }
        try Trust(user: variables.user).checkPrivate(file.status, path: path)
        let identities = try IdentityFile(path: path, passphrase: passphrase, variables: variables).read(file)
        reportPassedOver(identities, in: path)
        return LoadedIdentities(identities, path: path, version: file.status.version)
    }

    private func reportPassedOver(_ identities: Identities, in place: String) {
        for kind in identities.passedOver { log(.info, "\(place): passed over a \(kind), which is not supported") }
    }
}
