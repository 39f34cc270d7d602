/// Gives the value of an expression; what it throws becomes the error that `transform` makes of it.
///
/// Each target has its own error, and this is how one passes from a lower target to the next:
///
///     let names = try mapError(KStackError.file, folder.names())
///
/// `transform` is a case that holds the lower error (`AgeError.memory`) or a function (`KStackError.document(at: path)`).
@inlinable
public func mapError<Lower: Error, Upper: Error, Value: ~Copyable>(
    _ transform: (Lower) -> Upper,
    _ expression: @autoclosure () throws(Lower) -> Value
) throws(Upper) -> Value {
    try mapError(transform, expression)
}

/// Gives the result of a closure; what it throws becomes the error that `transform` makes of it.
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
