import KStackAny
import Sodium
import System

/// The files that kubelet mounts into a pod for its service account, read again whenever they change.
final class ServiceAccount: Sendable {
    /// Where kubelet puts it.
    static let folder = "/var/run/secrets/kubernetes.io/serviceaccount"

    private let folder: String
    private let log: Log
    private let lastToken = Guarded<Token?>(nil)
    private let lastAuthorities = Guarded<Authorities?>(nil)
    private let lastNamespace = Guarded<String?>(nil)

    /// Makes a service account; nothing is read yet.
    init(folder: String, log: Log) {
        self.folder = folder
        self.log = log
    }

    /// The current token; the last good one where it cannot be read.
    ///
    /// - Parameter rejected: a token that the API server rejected; the file is read again even if it has not changed.
    func token(rejected: Token? = nil) throws(KStackError) -> Token {
        let last = lastToken.withLock { $0 }
        if let last, last !== rejected, Paths.version(of: path(of: "token")) == last.version { return last }
        do throws(KStackError) {
            let file = try open("token")
            let version = file.status.version
            let content = try read(file, limit: Token.largestFile)
            guard let token = try Token.make(content, version: version) else {
                throw KStackError(
                    .configuration,
                    "\(folder)/token is empty, or is not a token: restart the pod, or check what mounts it"
                )
            }
            if last != nil { log(.info, "the token of the service account was read again") }
            lastToken.withLock { $0 = token }
            return token
        } catch {
            guard let last else { throw error }
            log(.warning, "the last good token is used: \(error.message)")
            return last
        }
    }

    /// The authorities that the API server's certificate must be from; the last good ones where they cannot be read.
    func authorities() throws(KStackError) -> Authorities {
        let last = lastAuthorities.withLock { $0 }
        if let last, Paths.version(of: path(of: "ca.crt")) == last.version { return last }
        do throws(KStackError) {
            let file = try open("ca.crt")
            let version = file.status.version
            let content = try read(file, limit: Authorities.largestFile)
            let bytes = content.copy()
            if let fault = Authorities.fault(in: bytes) {
                throw KStackError(
                    .configuration,
                    "\(folder)/ca.crt cannot be used, since \(fault): check config map kube-root-ca.crt, its source"
                )
            }
            let authorities = Authorities(bytes, version: version)
            if last != nil { log(.info, "ca.crt of the service account was read again") }
            lastAuthorities.withLock { $0 = authorities }
            return authorities
        } catch {
            guard let last else { throw error }
            log(.warning, "the last good ca.crt is used: \(error.message)")
            return last
        }
    }

    /// The namespace of the pod, which never changes; nil where there is no file for it.
    func namespace() throws(KStackError) -> String? {
        if let last = lastNamespace.withLock({ $0 }) { return last }
        do throws(FileError) {
            guard try Paths.linkStatus(of: "\(folder)/namespace") != nil else { return nil }
        } catch {
            throw .io(error, "the namespace of the pod cannot be read: \(KStackError.text(of: error))")
        }
        let namespace = try read(try open("namespace"), limit: 4096).text()
        lastNamespace.withLock { $0 = namespace }
        return namespace
    }

    private func path(of name: String) -> String {
        "\(folder)/\(name)"
    }

    private func open(_ name: String) throws(KStackError) -> OpenFile {
        do throws(FileError) {
            return try OpenFile.open(path: path(of: name))
        } catch {
            guard error.kind == .notFound || error.kind == .wrongKind else {
                throw ServiceAccount.unreadable(error)
            }
            throw KStackError(
                .configuration,
                "\(folder)/\(name) does not exist, so the Kubernetes API server cannot be asked: set "
                    + "automountServiceAccountToken to true for the pod or its service account"
            )
        }
    }

    private static func unreadable(_ error: FileError) -> KStackError {
        .io(error, "the service account of the pod cannot be read: \(KStackError.text(of: error))")
    }

    private func read(_ file: consuming OpenFile, limit: Int) throws(KStackError) -> SecretBytes {
        do throws(FileError) {
            return try file.readAll(limit: limit)
        } catch {
            throw ServiceAccount.unreadable(error)
        }
    }
}

extension SecretBytes {
    /// A copy of bytes that are not secret.
    fileprivate func copy() -> [UInt8] {
        let bytes = span
        var copy: [UInt8] = []
        copy.reserveCapacity(bytes.count)
        for index in bytes.indices { copy.append(bytes[index]) }
        return copy
    }

    /// Bytes that are not secret as a string, without line breaks at the end.
    fileprivate func text() -> String {
        var text = String(decoding: copy(), as: UTF8.self)
        while let last = text.last, last.isNewline { text.removeLast() }
        return text
    }
}
