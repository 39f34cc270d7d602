/// Returns the value of an expression, and translates its error with `transform`.
///
/// Each target has its own error type; this translates that of a lower target:
///
///     let names = try mapError(KStackError.file, folder.names())
///
/// `transform` is a case that holds the lower error (`AgeError.memory`) or a function (`KStackError.document(at:
/// path)`).
@inlinable
public func mapError<Lower: Error, Upper: Error, Value: ~Copyable>(
    _ transform: (Lower) -> Upper,
    _ expression: @autoclosure () throws(Lower) -> Value
) throws(Upper) -> Value {
    try mapError(transform, expression)
}

/// Returns the result of a closure, and translates its error with `transform`.
///
/// The compiler does not infer what a closure throws: write `{ () throws(FileError) in … }`.
@inlinable
public func mapError<Lower: Error, Upper: Error, Value: ~Copyable>(
    _ transform: (Lower) -> Upper,
    _ body: () throws(Lower) -> Value
) throws(Upper) -> Value {
    do throws(Lower) {
        return try body()
    } catch {
        throw transform(error)
    }
}
