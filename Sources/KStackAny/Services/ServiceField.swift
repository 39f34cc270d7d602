/// The names that a resolved service may have with any provider, in order.
enum ServiceField: String, CaseIterable {
    case provider
    case family
    case implementation
    case region
    case endpoint = "endpoint_url"
    case presignedDomain = "presigned_url_domain"
    case verification = "verify_ssl"

    /// Another name of the region, where nothing is configured.
    static let otherRegion = "aws_region"

    /// Those that are not for a service to set.
    static let ofProvider = [provider, family, implementation]

    /// Those that a service may set itself.
    static let ofService = allCases.filter { !ofProvider.contains($0) }

    /// Whether a service may set a name itself.
    static func isOfService(_ name: String?) -> Bool { ofService.contains { $0.rawValue == name } }
}

extension Credentials {
    /// The value of a field; nil where there is none, or an empty one.
    func text(_ field: ServiceField) -> String? { text(named: field.rawValue) }
}
