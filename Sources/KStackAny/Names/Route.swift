/// A route: which deployment of a system to talk to.
public enum Route: String, CaseIterable, Sendable {
    case development
    case testing
    case staging
    case production
    case scratch
    case dataCollection = "data-collection"

    /// Its name, in the long form.
    public var name: String { rawValue }

    /// Reads a name, or the short form dev, test or prod.
    ///
    /// - Throws: `route`, with the known names.
    public init(parsing text: String) throws(KStackError) {
        let long = ["dev": Route.development, "test": .testing, "prod": .production]
        guard let route = Route(rawValue: text) ?? long[text] else {
            var line = text
            while line.last?.isNewline == true { line.removeLast() }
            // From a file that `kubectl create configmap --from-file` took.
            let ending = line == text ? "" : " with a line break at its end, which is part of it"
            throw KStackError(
                .route,
                "invalid route \(KStackError.quoted(line))\(ending): use "
                    + "\(Route.allCases.map(\.name).joined(separator: ", ")), or the short forms dev, test, prod"
            )
        }
        self = route
    }

    /// Reads a name, as above; the error begins with its source.
    public init(parsing text: String, of source: String) throws(KStackError) {
        do throws(KStackError) {
            self = try Route(parsing: text)
        } catch {
            throw KStackError(.route, "\(source): \(error.message)")
        }
    }

    /// The route of the variable `KSTACK_ROUTE`; nil where it is not set.
    public static func ofVariable(_ variables: Variables) throws(KStackError) -> Route? {
        guard let text = variables.text("KSTACK_ROUTE") else { return nil }
        return try Route(parsing: text, of: "the variable KSTACK_ROUTE")
    }
}
