public import Sodium
import System

/// The variables and the user of the process, as a value, so that tests can use their own.
public struct Variables: Sendable {
    /// The value of a variable that is not secret; nil where it is unset or empty.
    public let text: @Sendable (String) -> String?

    /// The value of a variable that is a secret; nil where it is unset or empty.
    public let secret: @Sendable (String) throws(SodiumError) -> SecretBytes?

    /// The user id that the system checks access for.
    public let user: UInt32

    /// Makes the variables of a test.
    public init(
        user: UInt32,
        text: @escaping @Sendable (String) -> String?,
        secret: @escaping @Sendable (String) throws(SodiumError) -> SecretBytes?
    ) {
        self.user = user
        self.text = text
        self.secret = secret
    }

    /// The variables of this process, read each time they are asked for.
    public static var process: Variables {
        Variables(
            user: ProcessEnvironment.effectiveUser,
            text: { ProcessEnvironment.value(of: $0) },
            secret: { (name) throws(SodiumError) in try ProcessEnvironment.secret(of: name) }
        )
    }
}
