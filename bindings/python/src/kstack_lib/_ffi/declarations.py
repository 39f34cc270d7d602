"""The C API, as in kstack.h: structures, and the types of every function.

Generated from Include/kstack.h by `make generate`; DO NOT EDIT.
"""

from __future__ import annotations

from ctypes import (
    CFUNCTYPE,
    POINTER,
    Structure,
    c_bool,
    c_char_p,
    c_int32,
    c_size_t,
    c_uint32,
    c_void_p,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

ABI_VERSION: Final = 0

LogFunction = CFUNCTYPE(None, c_void_p, c_int32, c_char_p)
IsInterruptedFunction = CFUNCTYPE(c_bool, c_void_p)
GetCredentialsFunction = CFUNCTYPE(c_int32, c_void_p, c_char_p, c_char_p, c_char_p, c_void_p)
LoadSecretsFunction = CFUNCTYPE(c_int32, c_void_p, c_char_p, c_char_p, c_void_p)
ReleaseFunction = CFUNCTYPE(None, c_void_p)


class Options(Structure):
    """kstack_options."""

    _fields_ = (
        ("struct_size", c_size_t),
        ("project_root", c_char_p),
        ("identity_file", c_char_p),
        ("passphrase", c_char_p),
        ("timeout_ms", c_uint32),
        ("log", LogFunction),
        ("log_context", c_void_p),
    )


class Scope(Structure):
    """kstack_scope."""

    _fields_ = (
        ("struct_size", c_size_t),
        ("timeout_ms", c_uint32),
        ("cancellation", c_void_p),
        ("is_interrupted", IsInterruptedFunction),
        ("context", c_void_p),
    )


class SecretsProviderFunctions(Structure):
    """kstack_secrets_provider."""

    _fields_ = (
        ("struct_size", c_size_t),
        ("context", c_void_p),
        ("get_credentials", GetCredentialsFunction),
        ("load_secrets", LoadSecretsFunction),
        ("release", ReleaseFunction),
    )


class VaultOptions(Structure):
    """kstack_vault_options."""

    _fields_ = (
        ("struct_size", c_size_t),
        ("team", c_char_p),
        ("files", POINTER(c_char_p)),
        ("file_count", c_size_t),
        ("flags", c_uint32),
    )


# A pointer to an object, which stays a number: c_char_p would copy the string and lose the pointer.
_Object = c_void_p
_Out = POINTER(c_void_p)
_Error = POINTER(c_void_p)

#: name: (type of the result, types of the arguments)
FUNCTIONS: Final[dict[str, tuple[Any, tuple[Any, ...]]]] = {
    # Library
    "kstack_version": (c_char_p, ()),
    "kstack_version_number": (c_uint32, ()),
    "kstack_abi_version": (c_uint32, ()),
    # Errors
    "kstack_status_name": (c_char_p, (c_int32,)),
    "kstack_error_code": (c_int32, (_Object,)),
    "kstack_error_message": (c_char_p, (_Object,)),
    "kstack_error_is_retryable": (c_bool, (_Object,)),
    "kstack_error_errno": (c_int32, (_Object,)),
    "kstack_error_path": (c_char_p, (_Object,)),
    "kstack_error_free": (None, (_Object,)),
    # Context
    "kstack_is_in_cluster": (c_bool, ()),
    "kstack_current_context": (c_int32, ()),
    "kstack_context_reason": (c_char_p, ()),
    "kstack_guard": (c_int32, (c_int32, _Error)),
    # Strings and lists
    "kstack_string_free": (None, (_Object,)),
    "kstack_string_list_count": (c_size_t, (_Object,)),
    "kstack_string_list_get": (c_char_p, (_Object, c_size_t)),
    "kstack_string_list_free": (None, (_Object,)),
    # Layers
    "kstack_layer_parse": (c_int32, (c_char_p, POINTER(c_int32), _Error)),
    "kstack_layer_number": (c_int32, (c_int32,)),
    "kstack_layer_name": (c_char_p, (c_int32,)),
    "kstack_layer_namespace": (c_char_p, (c_int32,)),
    "kstack_layer_display_name": (c_char_p, (c_int32,)),
    # Containers
    "kstack_container_new": (c_int32, (POINTER(Options), _Out, _Error)),
    "kstack_container_free": (None, (_Object,)),
    "kstack_get_environment": (c_int32, (_Object, _Out, _Error)),
    "kstack_get_config_root": (c_int32, (_Object, _Out, _Error)),
    "kstack_get_vault_root": (c_int32, (_Object, _Out, _Error)),
    "kstack_get_active_route": (c_int32, (_Object, c_char_p, _Out, _Error)),
    # Scopes
    "kstack_container_scope": (c_int32, (_Object, POINTER(Scope), _Out, _Error)),
    "kstack_cancellation_new": (c_int32, (_Out, _Error)),
    "kstack_cancellation_cancel": (None, (_Object,)),
    "kstack_cancellation_free": (None, (_Object,)),
    # Secrets providers
    "kstack_container_set_secrets_provider": (c_int32, (_Object, POINTER(SecretsProviderFunctions), _Error)),
    "kstack_reply_set": (c_int32, (_Object, c_char_p, c_void_p, c_size_t)),
    "kstack_reply_set_error": (c_int32, (_Object, c_int32, c_char_p)),
    # Credentials
    "kstack_get_credentials": (c_int32, (_Object, c_char_p, c_char_p, c_char_p, _Out, _Error)),
    "kstack_load_secrets": (c_int32, (_Object, c_char_p, c_char_p, _Out, _Error)),
    "kstack_resolve_service": (c_int32, (_Object, c_char_p, c_char_p, c_char_p, c_char_p, _Out, _Error)),
    "kstack_aws_credential_process": (c_int32, (_Object, c_char_p, c_char_p, c_char_p, _Out, _Error)),
    "kstack_credentials_aws_keys": (c_int32, (_Object, _Out, _Error)),
    "kstack_credentials_environ": (c_int32, (_Object, _Out, _Error)),
    "kstack_credentials_count": (c_size_t, (_Object,)),
    "kstack_credentials_name": (c_char_p, (_Object, c_size_t)),
    "kstack_credentials_value": (c_void_p, (_Object, c_size_t, POINTER(c_size_t))),
    "kstack_credentials_get": (c_char_p, (_Object, c_char_p)),
    "kstack_credentials_get_bytes": (c_void_p, (_Object, c_char_p, POINTER(c_size_t))),
    "kstack_credentials_json": (c_char_p, (_Object,)),
    "kstack_credentials_source": (c_char_p, (_Object,)),
    "kstack_credentials_free": (None, (_Object,)),
    # Vaults
    "kstack_vault_open": (c_int32, (_Object, c_char_p, _Out, _Error)),
    "kstack_vault_free": (None, (_Object,)),
    "kstack_vault_scope": (c_int32, (_Object, POINTER(Scope), _Out, _Error)),
    "kstack_vault_path": (c_char_p, (_Object,)),
    "kstack_vault_environment": (c_char_p, (_Object,)),
    "kstack_vault_is_encrypted": (c_int32, (_Object, POINTER(c_bool), _Error)),
    "kstack_vault_get_file": (c_int32, (_Object, c_char_p, c_char_p, _Out, _Error)),
    "kstack_vault_list": (c_int32, (_Object, c_char_p, c_int32, _Out, _Error)),
    "kstack_list_environments": (c_int32, (_Object, _Out, _Error)),
    "kstack_list_services": (c_int32, (_Object, c_char_p, c_char_p, _Out, _Error)),
    # Runs over a vault
    "kstack_vault_decrypt": (c_int32, (_Object, POINTER(VaultOptions), _Out, _Error)),
    "kstack_vault_encrypt": (c_int32, (_Object, POINTER(VaultOptions), _Out, _Error)),
    "kstack_vault_rekey": (c_int32, (_Object, POINTER(VaultOptions), _Out, _Error)),
    "kstack_vault_status": (c_int32, (_Object, POINTER(VaultOptions), _Out, _Error)),
    "kstack_vault_report_count": (c_size_t, (_Object,)),
    "kstack_vault_report_path": (c_char_p, (_Object, c_size_t)),
    "kstack_vault_report_result": (c_int32, (_Object, c_size_t)),
    "kstack_vault_report_message": (c_char_p, (_Object, c_size_t)),
    "kstack_vault_report_flags": (c_uint32, (_Object, c_size_t)),
    "kstack_vault_report_free": (None, (_Object,)),
    # Vault files in memory
    "kstack_vault_read": (c_int32, (_Object, c_char_p, c_char_p, _Out, _Error)),
    "kstack_vault_write": (c_int32, (_Object, c_char_p, c_char_p, c_void_p, c_size_t, c_char_p, _Error)),
    "kstack_secret_data": (c_void_p, (_Object,)),
    "kstack_secret_size": (c_size_t, (_Object,)),
    "kstack_secret_free": (None, (_Object,)),
    # Identities
    "kstack_identity_generate": (c_int32, (_Out, _Out, _Error)),
    "kstack_identity_generate_post_quantum": (c_int32, (_Out, _Out, _Error)),
    # Config maps and routes
    "kstack_configmap_get": (c_int32, (_Object, c_char_p, c_char_p, c_char_p, _Out, _Error)),
    "kstack_set_active_route": (c_int32, (_Object, c_char_p, c_char_p, _Error)),
}
