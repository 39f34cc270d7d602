import Sodium

/// The sender's share: the first argument of a stanza, in Base64, which is an ephemeral public key, a ciphertext of the
/// KEM or a salt.
extension Stanza {
    /// Makes a stanza of a type of age.
    ///
    /// - Parameter argument: what follows the share, where the type has a second argument.
    init(type: String, share: Span<UInt8>, argument: String? = nil, body: [UInt8]) {
        var encoded: [UInt8] = []
        Base64.encode(share, into: &encoded)
        let arguments = [String(decoding: encoded, as: UTF8.self)] + [argument].compactMap { $0 }
        self.init(type: type, arguments: arguments, body: body)
    }

    /// The share, in a stanza whose body holds a wrapped file key.
    ///
    /// - Parameters:
    ///   - size: how many bytes it must have.
    ///   - arguments: how many arguments the type has.
    /// - Throws: `header` for a malformed stanza.
    func share(size: Int, arguments count: Int = 1) throws(AgeError) -> [UInt8] {
        guard arguments.count == count, let first = arguments.first, let share = Base64.bytes(of: first, count: size)
        else { throw .header(reason: "an \(type) stanza is malformed") }
        guard body.count == FileKey.wrappedSize else {
            throw .header(reason: "an \(type) stanza's body has the wrong length")
        }
        return share
    }
}
