import CKStack

@testable import KStack

/// What a function gave for NULL or zero in every argument.
enum Outcome: Equatable {
    /// It can fail, and gave this.
    case status(kstack_status)

    /// It cannot fail: whether it gave what the header says of NULL, or, where it takes none, a proper answer.
    case answer(isAsDeclared: Bool)
}

extension ExportedFunction {
    /// Calls the function with NULL or zero for every argument but the error.
    ///
    /// The switch has no default, so that a new function does not compile without its call here.
    func callWithNothing(_ error: UnsafeMutablePointer<OpaquePointer?>?) -> Outcome {
        switch self {
        case .version: .answer(isAsDeclared: text(kstack_version()) == KSTACK_VERSION)
        case .abiVersion: .answer(isAsDeclared: kstack_abi_version() == UInt32(KSTACK_ABI_VERSION))
        case .isInCluster:
            .answer(isAsDeclared: kstack_is_in_cluster() == (kstack_current_context() == KSTACK_CONTEXT_CLUSTER))
        case .currentContext:
            .answer(isAsDeclared: [KSTACK_CONTEXT_LOCAL, KSTACK_CONTEXT_CLUSTER].contains(kstack_current_context()))
        case .contextReason: .answer(isAsDeclared: text(kstack_context_reason())?.isEmpty == false)
        case .guard: .status(kstack_guard(4711, error))
        case .statusName: .answer(isAsDeclared: text(kstack_status_name(0)) == "KSTACK_OK")
        case .errorCode: .answer(isAsDeclared: kstack_error_code(nil) == KSTACK_OK)
        case .errorMessage: .answer(isAsDeclared: text(kstack_error_message(nil)) == "")
        case .errorIsRetryable: .answer(isAsDeclared: !kstack_error_is_retryable(nil))
        case .errorFree: done(kstack_error_free(nil))
        case .stringFree: done(kstack_string_free(nil))
        case .stringListCount: .answer(isAsDeclared: kstack_string_list_count(nil) == 0)
        case .stringListGet: .answer(isAsDeclared: kstack_string_list_get(nil, 0) == nil)
        case .stringListFree: done(kstack_string_list_free(nil))
        case .layerParse: .status(kstack_layer_parse(nil, nil, error))
        case .layerNumber: .answer(isAsDeclared: kstack_layer_number(0) == 0)
        case .layerName: .answer(isAsDeclared: text(kstack_layer_name(0)) == "layer0")
        case .layerNamespace: .answer(isAsDeclared: text(kstack_layer_namespace(0)) == "layer-0-applications")
        case .layerDisplayName:
            .answer(isAsDeclared: text(kstack_layer_display_name(0)) == "Layer 0: Applications")
        case .containerNew: .status(kstack_container_new(nil, nil, error))
        case .containerFree: done(kstack_container_free(nil))
        case .getEnvironment: .status(kstack_get_environment(nil, nil, error))
        case .getConfigRoot: .status(kstack_get_config_root(nil, nil, error))
        case .getVaultRoot: .status(kstack_get_vault_root(nil, nil, error))
        case .containerSetSecretsProvider: .status(kstack_container_set_secrets_provider(nil, nil, error))
        case .replySet: .answer(isAsDeclared: kstack_reply_set(nil, nil, nil, 0) == KSTACK_ERROR_INVALID_ARGUMENT)
        case .replySetError:
            .answer(isAsDeclared: kstack_reply_set_error(nil, 0, nil) == KSTACK_ERROR_INVALID_ARGUMENT)
        case .getCredentials: .status(kstack_get_credentials(nil, nil, nil, nil, nil, error))
        case .loadSecrets: .status(kstack_load_secrets(nil, nil, nil, nil, error))
        case .resolveService: .status(kstack_resolve_service(nil, nil, nil, nil, nil, nil, error))
        case .awsCredentialProcess: .status(kstack_aws_credential_process(nil, nil, nil, nil, nil, error))
        case .getActiveRoute: .status(kstack_get_active_route(nil, nil, nil, error))
        case .credentialsAWSKeys: .status(kstack_credentials_aws_keys(nil, nil, error))
        case .credentialsEnviron: .status(kstack_credentials_environ(nil, nil, error))
        case .credentialsCount: .answer(isAsDeclared: kstack_credentials_count(nil) == 0)
        case .credentialsName: .answer(isAsDeclared: kstack_credentials_name(nil, 0) == nil)
        case .credentialsValue: .answer(isAsDeclared: kstack_credentials_value(nil, 0, nil) == nil)
        case .credentialsGet: .answer(isAsDeclared: kstack_credentials_get(nil, nil) == nil)
        case .credentialsJson: .answer(isAsDeclared: kstack_credentials_json(nil) == nil)
        case .credentialsSource: .answer(isAsDeclared: kstack_credentials_source(nil) == nil)
        case .credentialsFree: done(kstack_credentials_free(nil))
        case .vaultOpen: .status(kstack_vault_open(nil, nil, nil, error))
        case .vaultFree: done(kstack_vault_free(nil))
        case .vaultPath: .answer(isAsDeclared: kstack_vault_path(nil) == nil)
        case .vaultEnvironment: .answer(isAsDeclared: kstack_vault_environment(nil) == nil)
        case .vaultIsEncrypted: .status(kstack_vault_is_encrypted(nil, nil, error))
        case .vaultDecrypt: .status(kstack_vault_decrypt(nil, nil, nil, error))
        case .vaultEncrypt: .status(kstack_vault_encrypt(nil, nil, nil, error))
        case .vaultRekey: .status(kstack_vault_rekey(nil, nil, nil, error))
        case .vaultStatus: .status(kstack_vault_status(nil, nil, nil, error))
        case .vaultWrite: .status(kstack_vault_write(nil, nil, nil, nil, 0, nil, error))
        case .vaultReportCount: .answer(isAsDeclared: kstack_vault_report_count(nil) == 0)
        case .vaultReportPath: .answer(isAsDeclared: kstack_vault_report_path(nil, 0) == nil)
        case .vaultReportResult:
            .answer(isAsDeclared: kstack_vault_report_result(nil, 0) == KSTACK_VAULT_FAILED)
        case .vaultReportMessage: .answer(isAsDeclared: kstack_vault_report_message(nil, 0) == nil)
        case .vaultReportFlags: .answer(isAsDeclared: kstack_vault_report_flags(nil, 0) == 0)
        case .vaultReportFree: done(kstack_vault_report_free(nil))
        case .vaultRead: .status(kstack_vault_read(nil, nil, nil, nil, error))
        case .secretData: .answer(isAsDeclared: kstack_secret_data(nil) == nil)
        case .secretSize: .answer(isAsDeclared: kstack_secret_size(nil) == 0)
        case .secretFree: done(kstack_secret_free(nil))
        case .vaultGetFile: .status(kstack_vault_get_file(nil, nil, nil, nil, error))
        case .vaultList: .status(kstack_vault_list(nil, nil, 0, nil, error))
        case .listEnvironments: .status(kstack_list_environments(nil, nil, error))
        case .listServices: .status(kstack_list_services(nil, nil, nil, nil, error))
        case .identityGenerate: .status(kstack_identity_generate(nil, nil, error))
        case .configmapGet: .status(kstack_configmap_get(nil, nil, nil, nil, nil, error))
        case .setActiveRoute: .status(kstack_set_active_route(nil, nil, nil, error))
        }
    }

    /// A function without a result came back.
    private func done(_ nothing: Void) -> Outcome {
        .answer(isAsDeclared: true)
    }
}

/// A copy of a C text; nil for NULL.
func text(_ pointer: UnsafePointer<CChar>?) -> String? {
    pointer.map { String(cString: $0) }
}
