import KStackAny

/// The functions that the library exports, each by its name in C: the one table of which context they belong to.
///
/// A test holds it against the header and against the library, and calls every one of them in every context.
enum ExportedFunction: String, CaseIterable, Sendable {
    // Any context.
    case version = "kstack_version"
    case abiVersion = "kstack_abi_version"
    case isInCluster = "kstack_is_in_cluster"
    case currentContext = "kstack_current_context"
    case contextReason = "kstack_context_reason"
    case `guard` = "kstack_guard"
    case statusName = "kstack_status_name"
    case errorCode = "kstack_error_code"
    case errorMessage = "kstack_error_message"
    case errorIsRetryable = "kstack_error_is_retryable"
    case errorFree = "kstack_error_free"
    case stringFree = "kstack_string_free"
    case stringListCount = "kstack_string_list_count"
    case stringListGet = "kstack_string_list_get"
    case stringListFree = "kstack_string_list_free"
    case layerParse = "kstack_layer_parse"
    case layerNumber = "kstack_layer_number"
    case layerName = "kstack_layer_name"
    case layerNamespace = "kstack_layer_namespace"
    case layerDisplayName = "kstack_layer_display_name"
    case containerNew = "kstack_container_new"
    case containerFree = "kstack_container_free"
    case getEnvironment = "kstack_get_environment"
    case getConfigRoot = "kstack_get_config_root"
    case getVaultRoot = "kstack_get_vault_root"
    case containerSetSecretsProvider = "kstack_container_set_secrets_provider"
    case replySet = "kstack_reply_set"
    case replySetError = "kstack_reply_set_error"
    case getCredentials = "kstack_get_credentials"
    case loadSecrets = "kstack_load_secrets"
    case resolveService = "kstack_resolve_service"
    case awsCredentialProcess = "kstack_aws_credential_process"
    case getActiveRoute = "kstack_get_active_route"
    case credentialsAWSKeys = "kstack_credentials_aws_keys"
    case credentialsEnviron = "kstack_credentials_environ"
    case credentialsCount = "kstack_credentials_count"
    case credentialsName = "kstack_credentials_name"
    case credentialsValue = "kstack_credentials_value"
    case credentialsGet = "kstack_credentials_get"
    case credentialsJson = "kstack_credentials_json"
    case credentialsSource = "kstack_credentials_source"
    case credentialsFree = "kstack_credentials_free"

    // Developers' machines.
    case vaultOpen = "kstack_vault_open"
    case vaultFree = "kstack_vault_free"
    case vaultPath = "kstack_vault_path"
    case vaultEnvironment = "kstack_vault_environment"
    case vaultIsEncrypted = "kstack_vault_is_encrypted"
    case vaultDecrypt = "kstack_vault_decrypt"
    case vaultEncrypt = "kstack_vault_encrypt"
    case vaultRekey = "kstack_vault_rekey"
    case vaultStatus = "kstack_vault_status"
    case vaultReportCount = "kstack_vault_report_count"
    case vaultReportPath = "kstack_vault_report_path"
    case vaultReportResult = "kstack_vault_report_result"
    case vaultReportMessage = "kstack_vault_report_message"
    case vaultReportFlags = "kstack_vault_report_flags"
    case vaultReportFree = "kstack_vault_report_free"
    case vaultRead = "kstack_vault_read"
    case vaultWrite = "kstack_vault_write"
    case secretData = "kstack_secret_data"
    case secretSize = "kstack_secret_size"
    case secretFree = "kstack_secret_free"
    case vaultGetFile = "kstack_vault_get_file"
    case vaultList = "kstack_vault_list"
    case listEnvironments = "kstack_list_environments"
    case listServices = "kstack_list_services"
    case identityGenerate = "kstack_identity_generate"

    // Pods.
    case configmapGet = "kstack_configmap_get"
    case setActiveRoute = "kstack_set_active_route"

    /// Whether secrets pass through it, so that it wipes its stack.
    var meetsSecrets: Bool {
        switch self {
        case .containerNew, .getCredentials, .loadSecrets, .resolveService, .awsCredentialProcess, .getActiveRoute,
            .credentialsAWSKeys, .credentialsEnviron, .listServices, .vaultDecrypt, .vaultEncrypt, .vaultRekey,
            .vaultStatus, .vaultRead, .vaultWrite,
            .identityGenerate, .configmapGet,
            .setActiveRoute:
            true
        default: false
        }
    }

    /// The one context that a function runs in; nil for any.
    var context: Context? {
        switch self {
        case .vaultOpen, .vaultFree, .vaultPath, .vaultEnvironment, .vaultIsEncrypted, .vaultDecrypt, .vaultEncrypt,
            .vaultWrite, .vaultRekey, .vaultStatus, .vaultReportFlags, .vaultReportCount, .vaultReportPath,
            .vaultReportResult, .vaultReportMessage, .vaultReportFree,
            .vaultRead, .secretData, .secretSize, .secretFree, .vaultGetFile, .vaultList, .listEnvironments,
            .listServices, .identityGenerate:
            .local
        case .configmapGet, .setActiveRoute:
            .cluster
        case .version, .abiVersion, .isInCluster, .currentContext, .contextReason, .guard, .statusName,
            .errorCode, .errorMessage, .errorIsRetryable, .errorFree, .stringFree, .stringListCount,
            .stringListGet, .stringListFree, .layerParse, .layerNumber, .layerName, .layerNamespace,
            .layerDisplayName, .containerNew, .containerFree, .getEnvironment, .getConfigRoot,
            .getVaultRoot, .containerSetSecretsProvider, .replySet, .replySetError, .getCredentials, .loadSecrets,
            .resolveService, .awsCredentialProcess, .getActiveRoute, .credentialsAWSKeys, .credentialsEnviron,
            .credentialsCount, .credentialsName,
            .credentialsValue,
            .credentialsGet, .credentialsJson, .credentialsSource, .credentialsFree:
            nil
        }
    }
}
