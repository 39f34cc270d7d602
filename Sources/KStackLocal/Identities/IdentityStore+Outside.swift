import Age
public import KStackAny
public import Sodium
import System

extension IdentityStore {
    /// Decrypts a file outside of any vault, such as a version that git gives, in memory.
    ///
    /// - Throws: `vault`, `configuration`, `io`; no message names the file.
    public func decrypt(
        _ content: consuming SecretBytes,
        limit: Int = Vault.readLimit
    ) throws(KStackError) -> SecretBytes {
        let identities = try identities()
        var source = SecretSource(content)
        do throws(AgeError) {
            var sink = try SecretSink(limit: limit)
            try Age.decrypt(from: &source, to: &sink, with: .identities(identities))
            return sink.finish()
        } catch {
            guard case .noMatch = error else { throw KStackError(error, path: "it") }
            throw KStackError(
                .vault,
                "none of your age keys can decrypt it; kstack status shows where they are looked for"
            )
        }
    }
}
