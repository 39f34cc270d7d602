public import System

extension KStackError {
    /// The error for a call whose scope ended.
    ///
    /// - Parameter subject: what the call was doing, at the beginning of the message.
    public init(ended stop: Stop, _ subject: String) {
        switch stop {
        case .timeout:
            self.init(
                .timeout,
                "\(subject): the deadline of the call's scope passed; try again with a later one",
                isRetryable: true
            )
        case .cancelled: self.init(.cancelled, "\(subject): the call was cancelled")
        }
    }

    /// Throws where the scope of this thread has ended.
    ///
    /// - Throws: `timeout`, `cancelled`.
    public static func checkScope(_ subject: @autoclosure () -> String) throws(KStackError) {
        if let stop = Scope.currentStop { throw KStackError(ended: stop, subject()) }
    }

    /// Whether the call ended because of its scope: at the deadline or cancelled.
    public var isStop: Bool { code == .timeout || code == .cancelled }
}

extension CallContext {
    /// Makes the scope of an object that of the call.
    ///
    /// - Throws: `timeout` or `cancelled` where the scope has ended.
    public static func enter(_ scope: Scope?) throws(KStackError) {
        guard let scope = scope?.ofCall() else { return }
        current?.set(scope)
        if let stop = scope.stop { throw KStackError(ended: stop, "nothing was done") }
    }
}
