import Testing

/// Part of every secret in the tests, which no message may contain.
public let canary = "canary-4711"

/// Returns the error of a call, or nil if it succeeds; an error of another type fails the test.
public func caught<Failure: Error>(_ type: Failure.Type, _ body: () throws -> Void) -> Failure? {
    do {
        try body()
        return nil
    } catch let error as Failure {
        return error
    } catch {
        Issue.record(error)
        return nil
    }
}
