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
    /// nil where its call is not here yet.
    func callWithNothing(_ error: UnsafeMutablePointer<OpaquePointer?>?) -> Outcome? {
        switch name {
        case "kstack_version": .answer(isAsDeclared: text(kstack_version()) == KSTACK_VERSION)
        case "kstack_version_number": .answer(isAsDeclared: kstack_version_number() == 200)
        case "kstack_abi_version": .answer(isAsDeclared: kstack_abi_version() == UInt32(KSTACK_ABI_VERSION))
        case "kstack_is_in_cluster":
            .answer(isAsDeclared: kstack_is_in_cluster() == (kstack_current_context() == KSTACK_CONTEXT_CLUSTER))
        case "kstack_current_context":
            .answer(isAsDeclared: [KSTACK_CONTEXT_LOCAL, KSTACK_CONTEXT_CLUSTER].contains(kstack_current_context()))
        case "kstack_context_reason": .answer(isAsDeclared: text(kstack_context_reason())?.isEmpty == false)
        case "kstack_guard": .status(kstack_guard(4711, error))
        case "kstack_status_name": .answer(isAsDeclared: text(kstack_status_name(0)) == "KSTACK_OK")
        case "kstack_error_code": .answer(isAsDeclared: kstack_error_code(nil) == KSTACK_OK)
        case "kstack_error_message": .answer(isAsDeclared: text(kstack_error_message(nil)) == "")
        case "kstack_error_is_retryable": .answer(isAsDeclared: !kstack_error_is_retryable(nil))
        case "kstack_error_free": done(kstack_error_free(nil))
        case "kstack_string_free": done(kstack_string_free(nil))
        case "kstack_string_list_count": .answer(isAsDeclared: kstack_string_list_count(nil) == 0)
        case "kstack_string_list_get": .answer(isAsDeclared: kstack_string_list_get(nil, 0) == nil)
        case "kstack_string_list_free": done(kstack_string_list_free(nil))
        case "kstack_layer_parse": .status(kstack_layer_parse(nil, nil, error))
        case "kstack_layer_number": .answer(isAsDeclared: kstack_layer_number(0) == 0)
        case "kstack_layer_name": .answer(isAsDeclared: text(kstack_layer_name(0)) == "layer0")
        case "kstack_layer_namespace": .answer(isAsDeclared: text(kstack_layer_namespace(0)) == "layer-0-applications")
        case "kstack_layer_display_name":
            .answer(isAsDeclared: text(kstack_layer_display_name(0)) == "Layer 0: Applications")
        case "kstack_container_new": .status(kstack_container_new(nil, nil, error))
        case "kstack_container_free": done(kstack_container_free(nil))
        case "kstack_cancellation_new": .status(kstack_cancellation_new(nil, error))
        case "kstack_cancellation_cancel": done(kstack_cancellation_cancel(nil))
        case "kstack_cancellation_free": done(kstack_cancellation_free(nil))
        case "kstack_container_scope": .status(kstack_container_scope(nil, nil, nil, error))
        case "kstack_vault_scope": .status(kstack_vault_scope(nil, nil, nil, error))
        case "kstack_get_environment": .status(kstack_get_environment(nil, nil, error))
        case "kstack_get_config_root": .status(kstack_get_config_root(nil, nil, error))
        case "kstack_get_vault_root": .status(kstack_get_vault_root(nil, nil, error))
        case "kstack_container_set_secrets_provider": .status(kstack_container_set_secrets_provider(nil, nil, error))
        case "kstack_reply_set":
            .answer(isAsDeclared: kstack_reply_set(nil, nil, nil, 0) == KSTACK_ERROR_INVALID_ARGUMENT)
        case "kstack_reply_set_error":
            .answer(isAsDeclared: kstack_reply_set_error(nil, 0, nil) == KSTACK_ERROR_INVALID_ARGUMENT)
        case "kstack_get_credentials": .status(kstack_get_credentials(nil, nil, nil, nil, nil, error))
        case "kstack_load_secrets": .status(kstack_load_secrets(nil, nil, nil, nil, error))
        case "kstack_resolve_service": .status(kstack_resolve_service(nil, nil, nil, nil, nil, nil, error))
        case "kstack_aws_credential_process": .status(kstack_aws_credential_process(nil, nil, nil, nil, nil, error))
        case "kstack_get_active_route": .status(kstack_get_active_route(nil, nil, nil, error))
        case "kstack_credentials_aws_keys": .status(kstack_credentials_aws_keys(nil, nil, error))
        case "kstack_credentials_environ": .status(kstack_credentials_environ(nil, nil, error))
        case "kstack_credentials_count": .answer(isAsDeclared: kstack_credentials_count(nil) == 0)
        case "kstack_credentials_name": .answer(isAsDeclared: kstack_credentials_name(nil, 0) == nil)
        case "kstack_credentials_value": .answer(isAsDeclared: kstack_credentials_value(nil, 0, nil) == nil)
        case "kstack_credentials_get": .answer(isAsDeclared: kstack_credentials_get(nil, nil) == nil)
        case "kstack_credentials_get_bytes": .answer(isAsDeclared: kstack_credentials_get_bytes(nil, nil, nil) == nil)
        case "kstack_credentials_json": .answer(isAsDeclared: kstack_credentials_json(nil) == nil)
        case "kstack_credentials_source": .answer(isAsDeclared: kstack_credentials_source(nil) == nil)
        case "kstack_credentials_free": done(kstack_credentials_free(nil))
        case "kstack_vault_open": .status(kstack_vault_open(nil, nil, nil, error))
        case "kstack_vault_free": done(kstack_vault_free(nil))
        case "kstack_vault_path": .answer(isAsDeclared: kstack_vault_path(nil) == nil)
        case "kstack_vault_environment": .answer(isAsDeclared: kstack_vault_environment(nil) == nil)
        case "kstack_vault_is_encrypted": .status(kstack_vault_is_encrypted(nil, nil, error))
        case "kstack_vault_decrypt": .status(kstack_vault_decrypt(nil, nil, nil, error))
        case "kstack_vault_encrypt": .status(kstack_vault_encrypt(nil, nil, nil, error))
        case "kstack_vault_rekey": .status(kstack_vault_rekey(nil, nil, nil, error))
        case "kstack_vault_status": .status(kstack_vault_status(nil, nil, nil, error))
        case "kstack_vault_write": .status(kstack_vault_write(nil, nil, nil, nil, 0, nil, error))
        case "kstack_vault_report_count": .answer(isAsDeclared: kstack_vault_report_count(nil) == 0)
        case "kstack_vault_report_path": .answer(isAsDeclared: kstack_vault_report_path(nil, 0) == nil)
        case "kstack_vault_report_result":
            .answer(isAsDeclared: kstack_vault_report_result(nil, 0) == KSTACK_VAULT_FAILED)
        case "kstack_vault_report_message": .answer(isAsDeclared: kstack_vault_report_message(nil, 0) == nil)
        case "kstack_vault_report_flags": .answer(isAsDeclared: kstack_vault_report_flags(nil, 0) == 0)
        case "kstack_vault_report_free": done(kstack_vault_report_free(nil))
        case "kstack_vault_read": .status(kstack_vault_read(nil, nil, nil, nil, error))
        case "kstack_secret_data": .answer(isAsDeclared: kstack_secret_data(nil) == nil)
        case "kstack_secret_size": .answer(isAsDeclared: kstack_secret_size(nil) == 0)
        case "kstack_secret_free": done(kstack_secret_free(nil))
        case "kstack_vault_get_file": .status(kstack_vault_get_file(nil, nil, nil, nil, error))
        case "kstack_vault_list": .status(kstack_vault_list(nil, nil, 0, nil, error))
        case "kstack_list_environments": .status(kstack_list_environments(nil, nil, error))
        case "kstack_list_services": .status(kstack_list_services(nil, nil, nil, nil, error))
        case "kstack_identity_generate": .status(kstack_identity_generate(nil, nil, error))
        case "kstack_configmap_get": .status(kstack_configmap_get(nil, nil, nil, nil, nil, error))
        case "kstack_set_active_route": .status(kstack_set_active_route(nil, nil, nil, error))
        default: nil
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
