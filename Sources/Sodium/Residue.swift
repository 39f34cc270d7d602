import CHost
import CSodium

/// What computing with secrets leaves behind on the stack and in the registers.
public enum Residue {
    /// libsodium's deepest function, X25519, goes down by little more than half of this.
    private static let depthOfSodium = 4096

    /// A look-up goes down by 6 KiB, a run over a vault and the very first call by 21 KiB.
    private static let depthOfCall = 24 * 1024

    /// Wipes what libsodium left, which the caller called just before.
    ///
    /// libsodium wipes its variables, but not where the compiler put them meanwhile: half a payload key stayed on the
    /// stack after a look-up.
    static func wipe() {
        sodium_stackzero(depthOfSodium)
        chost_clear_registers()
    }

    /// Wipes what another library left, which went down by `depth` bytes at most.
    public static func wipe(depth: Int) {
        sodium_stackzero(depth)
        chost_clear_registers()
    }

    /// Wipes what lies below the caller, who went through secrets as deep as a call from C does.
    ///
    /// Registers reach the stack by themselves: a signal saves them there, and so does the first call of a function
    /// that the host, or a library of it, binds lazily.
    public static func wipeCall() {
        sodium_stackzero(depthOfCall)
        chost_clear_registers()
    }
}
