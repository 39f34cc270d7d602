import CHost

/// An object for the present work of a thread; threads of `Workers` have that of the thread they work for.
public enum ThreadObject {
    /// The object of this thread.
    public static var current: AnyObject? {
        guard let address = unsafe chost_thread_object() else { return nil }
        return unsafe Unmanaged<AnyObject>.fromOpaque(address).takeUnretainedValue()
    }

    /// Runs `body` with `object` as that of this thread.
    public static func with<Result, Failure: Error>(
        _ object: AnyObject?,
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let before = unsafe chost_thread_object()
        unsafe chost_set_thread_object(object.map { unsafe Unmanaged.passUnretained($0).toOpaque() })
        defer { unsafe chost_set_thread_object(before) }
        return try withExtendedLifetime(object) { () throws(Failure) in try body() }
    }
}
