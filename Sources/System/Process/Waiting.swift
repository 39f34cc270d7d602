import CHost

/// Runs code that waits, or that is the host's: the process may fork meanwhile (CHost, "The one rule on forks").
public func waiting<Result: ~Copyable, Failure: Error>(
    _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
    let paused = chost_pause()
    defer { chost_resume(paused) }
    return try body()
}
