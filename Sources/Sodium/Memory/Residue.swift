import CHost
import CSodium

/// What computing with secrets leaves behind on the stack and in the registers.
public enum Residue {
    /// How deep the stack is wiped; libsodium's deepest function, X25519, uses little more than half of it.
    private static let depthOfSodium = 4096

    /// How deep the stack is wiped after a call; a look-up uses 6 KiB, a run over a vault and the first call 21 KiB.
    private static let depthOfCall = 24 * 1024

    /// Wipes what libsodium left on the stack; call it right after libsodium.
    ///
    /// libsodium wipes its variables, but not the places where the compiler spilled them: half a payload key stayed on
    /// the stack after a look-up.
    static func wipe() {
        sodium_stackzero(depthOfSodium)
        chost_clear_registers()
    }

    /// Wipes what another library left, which used `depth` bytes of stack at most.
    public static func wipe(depth: Int) {
        sodium_stackzero(depth)
        chost_clear_registers()
    }

    /// Wipes the stack below the caller, as deep as a call from C uses it.
    ///
    /// Registers are wiped, too: a signal saves them to the stack, and so does the first call of a function that the
    /// host, or a library of it, binds lazily.
    public static func wipeCall() {
        sodium_stackzero(depthOfCall)
        chost_clear_registers()
    }
}
