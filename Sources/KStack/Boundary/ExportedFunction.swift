import KStackAny

/// A function of the header: in which context it runs, and whether it must wipe its stack.
///
/// Tests/header/check compares the table with the header; the C tests call every function in every context.
struct ExportedFunction: Hashable, Sendable {
    /// Its name in C.
    let name: String

    /// The one context that it runs in; nil for any.
    let context: Context?

    /// Whether secrets pass through it, so that it wipes its stack.
    let meetsSecrets: Bool

    /// Every function, in the order of the header.
    static let all: [ExportedFunction] = [
        // Library
        .any("kstack_version"),
        .any("kstack_version_number"),
        .any("kstack_abi_version"),

        // Errors
        .any("kstack_status_name"),
        .any("kstack_error_code"),
        .any("kstack_error_message"),
        .any("kstack_error_is_retryable"),
        .any("kstack_error_errno"),
        .any("kstack_error_path"),
        .any("kstack_error_free"),

        // Context
        .any("kstack_is_in_cluster"),
        .any("kstack_current_context"),
        .any("kstack_context_reason"),
        .any("kstack_guard"),

        // Strings and lists
        .any("kstack_string_free"),
        .any("kstack_string_list_count"),
        .any("kstack_string_list_get"),
        .any("kstack_string_list_free"),

        // Layers
        .any("kstack_layer_parse"),
        .any("kstack_layer_number"),
        .any("kstack_layer_name"),
        .any("kstack_layer_namespace"),
        .any("kstack_layer_display_name"),

        // Containers
        .any("kstack_container_new", meetsSecrets: true),
        .any("kstack_container_free"),
        .any("kstack_get_environment"),
        .any("kstack_get_config_root"),
        .any("kstack_get_vault_root"),
        .any("kstack_get_active_route", meetsSecrets: true),

        // Scopes
        .any("kstack_container_scope"),
        .any("kstack_cancellation_new"),
        .any("kstack_cancellation_cancel"),
        .any("kstack_cancellation_free"),

        // Secrets providers
        .any("kstack_container_set_secrets_provider"),
        .any("kstack_reply_set"),
        .any("kstack_reply_set_error"),

        // Credentials
        .any("kstack_get_credentials", meetsSecrets: true),
        .any("kstack_load_secrets", meetsSecrets: true),
        .any("kstack_resolve_service", meetsSecrets: true),
        .any("kstack_aws_credential_process", meetsSecrets: true),
        .any("kstack_credentials_aws_keys", meetsSecrets: true),
        .any("kstack_credentials_environ", meetsSecrets: true),
        .any("kstack_credentials_count"),
        .any("kstack_credentials_name"),
        .any("kstack_credentials_value"),
        .any("kstack_credentials_get"),
        .any("kstack_credentials_get_bytes"),
        .any("kstack_credentials_json"),
        .any("kstack_credentials_source"),
        .any("kstack_credentials_free"),

        // Vaults
        .local("kstack_vault_open"),
        .local("kstack_vault_free"),
        .local("kstack_vault_scope"),
        .local("kstack_vault_path"),
        .local("kstack_vault_environment"),
        .local("kstack_vault_is_encrypted"),
        .local("kstack_vault_get_file"),
        .local("kstack_vault_list"),
        .local("kstack_list_environments"),
        .local("kstack_list_services", meetsSecrets: true),

        // Runs over a vault
        .local("kstack_vault_decrypt", meetsSecrets: true),
        .local("kstack_vault_encrypt", meetsSecrets: true),
        .local("kstack_vault_rekey", meetsSecrets: true),
        .local("kstack_vault_status", meetsSecrets: true),
        .local("kstack_vault_report_count"),
        .local("kstack_vault_report_path"),
        .local("kstack_vault_report_result"),
        .local("kstack_vault_report_message"),
        .local("kstack_vault_report_flags"),
        .local("kstack_vault_report_free"),

        // Vault files in memory
        .local("kstack_vault_read", meetsSecrets: true),
        .local("kstack_vault_write", meetsSecrets: true),
        .local("kstack_secret_data"),
        .local("kstack_secret_size"),
        .local("kstack_secret_free"),

        // Identities
        .local("kstack_identity_generate", meetsSecrets: true),
        .local("kstack_identity_generate_post_quantum", meetsSecrets: true),

        // Config maps and routes
        .cluster("kstack_configmap_get", meetsSecrets: true),
        .cluster("kstack_set_active_route", meetsSecrets: true),
    ]

    private static func any(_ name: String, meetsSecrets: Bool = false) -> Self {
        Self(name: name, context: nil, meetsSecrets: meetsSecrets)
    }

    private static func local(_ name: String, meetsSecrets: Bool = false) -> Self {
        Self(name: name, context: .local, meetsSecrets: meetsSecrets)
    }

    private static func cluster(_ name: String, meetsSecrets: Bool = false) -> Self {
        Self(name: name, context: .cluster, meetsSecrets: meetsSecrets)
    }

    /// The entry of the function that `#function` names, which gives the labels of the parameters as well.
    static func named(_ function: String) -> Self? {
        let name = function.utf8.prefix { $0 != UInt8(ascii: "(") }
        let count = name.count
        // A dictionary would make Swift's runtime search all its tables before the first call.
        return all.first { $0.name.utf8.count == count && $0.name.utf8.elementsEqual(name) }
    }
}
