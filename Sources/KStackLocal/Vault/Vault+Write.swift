import Age
public import KStackAny
public import Sodium
import System

/// A file that somebody is editing, with the version of its encrypted form when they began.
public struct Draft: Sendable {
    let layer: Layer
    let name: String
    let team: Name?
    let version: FileVersion?
}

extension Vault {
    /// Encrypts one file from memory, so that no plaintext touches the disk.
    ///
    /// A plaintext next to it stays as it is.
    ///
    /// - Throws: `configuration` where the team has no recipients, or the file is another team's; `vault` where none of
    ///   the user's identities could read the result; `io`.
    public func write(_ layer: Layer, _ name: String, _ content: Span<UInt8>, team: Name?) throws(KStackError) {
        let name = try VaultNaming.checked(name).text
        try YAMLCheck.check(content, named: name, path: "\(path)/\(layer.name)/\(name)")
        let recipients = try recipients(of: team)
        let lock = try lock()
        let file = VaultFile(vault: self, folder: try makeLayerFolder(layer), name: name)
        try put(content, file, for: recipients, replacing: file.versionOfEncrypted())
        _ = consume lock
    }

    /// Changes one file in memory, under the lock of the vault, so that no other change of it is lost.
    ///
    /// - Parameter change: takes the plaintext, empty where there is no file yet, and returns the new one.
    /// - Throws: as `read` and `write`; what `change` throws.
    public func change(
        _ layer: Layer,
        _ name: String,
        team: Name?,
        _ change: (borrowing SecretBytes) throws(KStackError) -> SecretBytes
    ) throws(KStackError) {
        let name = try VaultNaming.checked(name).text
        let recipients = try recipients(of: team)
        let lock = try lock()
        let file = VaultFile(vault: self, folder: try makeLayerFolder(layer), name: name)
        let replaced = try file.versionOfEncrypted()
        if replaced == nil, try file.hasPlaintext() { throw neverEncrypted(layer, name) }
        let content = try change(readOrEmpty(layer, name))
        try YAMLCheck.check(content.span, named: name, path: "\(path)/\(layer.name)/\(name)")
        try put(content.span, file, for: recipients, replacing: replaced)
        _ = consume lock
    }

    /// Begins an edit that takes longer than the lock may be held.
    ///
    /// - Throws: `configuration` already here where the file is another team's; as `read`.
    public func draft(_ layer: Layer, _ name: String, team: Name?) throws(KStackError) -> Draft {
        let name = try VaultNaming.checked(name).text
        let recipients = try recipients(of: team)
        let found = try withFolder(of: layer) { (folder) throws(KStackError) -> FileVersion? in
            guard let file = try open(VaultNaming.encryptedName(of: name), in: folder) else {
                if try open(name, in: folder) != nil { throw neverEncrypted(layer, name) }
                return nil
            }
            let version = file.status.version
            try VaultEncryptor(vault: self, recipients: recipients).checkTeam(of: file)
            return version
        }
        return Draft(layer: layer, name: name, team: team, version: found.flatMap { $0 })
    }

    /// Writes the content of a draft, unless the file has changed since.
    ///
    /// - Throws: `conflict` where it has; as `write`.
    public func write(_ content: Span<UInt8>, _ draft: Draft) throws(KStackError) {
        let place = "\(path)/\(draft.layer.name)/\(draft.name)"
        try YAMLCheck.check(content, named: draft.name, path: place)
        let recipients = try recipients(of: draft.team)
        let lock = try lock()
        let file = VaultFile(vault: self, folder: try makeLayerFolder(draft.layer), name: draft.name)
        guard try file.versionOfEncrypted() == draft.version else {
            throw KStackError(
                .conflict,
                "the encrypted form of \(place) was changed meanwhile; bring your edit into that"
            )
        }
        try put(content, file, for: recipients, replacing: draft.version)
        _ = consume lock
    }

    private func neverEncrypted(_ layer: Layer, _ name: String) -> KStackError {
        KStackError(.conflict, "\(path)/\(layer.name)/\(name) was never encrypted; encrypt it first, or edit it there")
    }

    /// The plaintext of a file; empty where there is none yet.
    ///
    /// - Throws: as `read`.
    public func readOrEmpty(_ layer: Layer, _ name: String) throws(KStackError) -> SecretBytes {
        do throws(KStackError) {
            return try read(layer, name)
        } catch {
            guard error.code == .serviceNotFound else { throw error }
            return try mapError(KStackError.memory, SecretBytes(count: 0))
        }
    }

    private func put(
        _ content: Span<UInt8>,
        _ file: borrowing VaultFile,
        for recipients: Recipients,
        replacing replaced: FileVersion?
    ) throws(KStackError) {
        var source = try mapError(KStackError.age(file.name), SecretSource(copying: content))
        let encryptor = VaultEncryptor(vault: self, recipients: recipients)
        try encryptor.encrypt(&source, named: file.name, file, replacing: replaced)
        try file.synchronizeFolder()
    }
}
