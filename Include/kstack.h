/*
 * kstack: the right credentials for where a program runs.
 *
 * In a Kubernetes pod they come from Kubernetes Secrets, on a developer's machine from a vault of YAML files encrypted
 * with age. This header is the authority on the C API of libkstack.so; it is valid C99 and C++17.
 *
 * Contexts. Every function belongs to one of three groups: `any`, `local` (a developer's machine) or `cluster` (a
 *   pod). A function of the wrong group does nothing and returns KSTACK_ERROR_ENVIRONMENT. The context is decided once,
 *   when the library is loaded; nothing overrides it.
 *
 * Errors. A function that can fail returns a kstack_status and takes `kstack_error **error` last. `error` may be NULL;
 *   otherwise *error is NULL after success and an object to be freed with kstack_error_free after a failure. Messages
 *   say what was looked for, where, and what to do next, and never hold a secret. Every such function may return
 *   KSTACK_ERROR_INVALID_ARGUMENT (NULL where a value is needed, a string that is not UTF-8, an invalid name) and
 *   KSTACK_ERROR_INTERNAL (a defect in the library, or no memory); these two are not repeated below. New codes may be
 *   added: take an unknown one for a failure. No input aborts the process; only a heap that is exhausted does, since
 *   allocations of the Swift runtime cannot fail.
 *
 * Arguments. Strings are NUL-terminated UTF-8 and are copied where they are kept. Outputs are set to NULL, false or 0
 *   (a layer to -1) first, whatever follows; then the context is checked, then the arguments, then the work is done.
 *   Outputs are filled on success only (a report also on failure). docs/vault.md says which names of layers,
 *   environments, services and files are valid; an invalid one never reaches the file system.
 *
 * Ownership. `_new`, `_open` and every `**out` give an object that the caller owns and frees with the `_free` of its
 *   type; freeing NULL does nothing, freeing twice is an error of the caller. Accessors lend pointers that are good
 *   until their object is freed. Never pass memory of the library to free(), or the caller's to `_free`. Secrets lie
 *   in locked memory, are kept out of core dumps and are wiped when they are freed.
 *
 * Threads. A container and a vault may be used from many threads at once; results are immutable. No object may be
 *   freed while another thread uses it. The library installs no signal handler and has no thread of its own between
 *   calls: runs over a vault use threads that end before the call returns, and libcurl may start one while it resolves
 *   the name in KUBERNETES_SERVICE_HOST. A thread is not cancelled inside the library. A call needs 64 KiB of stack at
 *   most (in a pod libcurl and its TLS may take more: have 256 KiB there), not counting functions of the program.
 *
 * Forks. A fork waits for the calls of other threads, but not for those that wait themselves (for the network, a lock,
 *   a function of the program). The child may go on using what the parent made. What the parent had locked in memory
 *   is not locked in the child (mlock is not inherited), but still kept out of core dumps and wiped.
 *
 * Stability. Within one KSTACK_ABI_VERSION functions are added and never changed or removed, numbers are never reused,
 *   and structures grow at their end, told by `struct_size`.
 */
#ifndef KSTACK_H
#define KSTACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KSTACK_VERSION_MAJOR 0
#define KSTACK_VERSION_MINOR 2
#define KSTACK_VERSION_PATCH 0
/** The version of this header; compare it with kstack_version() to find a library of another version. */
#define KSTACK_VERSION "0.2.0"
/** The version of the binary interface, as in the name libkstack.so.0. */
#define KSTACK_ABI_VERSION 0

#if defined(__GNUC__)
#define KSTACK_API __attribute__((visibility("default")))
#define KSTACK_MUST_USE __attribute__((warn_unused_result))
#else
#define KSTACK_API
#define KSTACK_MUST_USE
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---------------------------------------------------------------------------------------------------------- Types */

/** What a function returns: KSTACK_OK, or why it failed. */
typedef int32_t kstack_status;

/** Success. */
#define KSTACK_OK ((kstack_status)0)
/** NULL where a value is needed, a string that is not UTF-8, or an invalid name. */
#define KSTACK_ERROR_INVALID_ARGUMENT ((kstack_status)1)
/** The function does not run in this context: vault code in a pod, or cluster code outside of one. */
#define KSTACK_ERROR_ENVIRONMENT ((kstack_status)2)
/** Configuration is missing, malformed or untrusted, or environments do not match. */
#define KSTACK_ERROR_CONFIGURATION ((kstack_status)3)
/** There is no such file of credentials, service, secret or config map. */
#define KSTACK_ERROR_SERVICE_NOT_FOUND ((kstack_status)4)
/** The layer may not have what was asked for. */
#define KSTACK_ERROR_LAYER_ACCESS ((kstack_status)5)
/** The route is unknown. */
#define KSTACK_ERROR_ROUTE ((kstack_status)6)
/** No identity fits, or the ciphertext is damaged or forged. */
#define KSTACK_ERROR_VAULT ((kstack_status)7)
/** The Kubernetes API server could not be reached or refused. */
#define KSTACK_ERROR_CLUSTER_API ((kstack_status)8)
/** The file system refused; the message names the path and the reason. */
#define KSTACK_ERROR_IO ((kstack_status)9)
/** A defect in the library, or no memory. */
#define KSTACK_ERROR_INTERNAL ((kstack_status)10)
/** Both the plaintext and its ciphertext changed; nothing was written. */
#define KSTACK_ERROR_CONFLICT ((kstack_status)11)
/** The time for the API server, for a vault's lock, or of the call's scope was over. A retry may help. */
#define KSTACK_ERROR_TIMEOUT ((kstack_status)12)
/** The scope of the call was cancelled. */
#define KSTACK_ERROR_CANCELLED ((kstack_status)13)

/** Where the process runs. */
typedef int32_t kstack_context;

/** A developer's machine, or any other place that shows no sign of a pod. */
#define KSTACK_CONTEXT_LOCAL ((kstack_context)0)
/** A Kubernetes pod. */
#define KSTACK_CONTEXT_CLUSTER ((kstack_context)1)

/** A layer: its number, 0 to 3. */
typedef int32_t kstack_layer;

/** Which files of a vault to list. */
typedef int32_t kstack_vault_files;

/** Plaintext files. */
#define KSTACK_VAULT_FILES_DECRYPTED ((kstack_vault_files)0)
/** Encrypted files, `secret.<name>`. */
#define KSTACK_VAULT_FILES_ENCRYPTED ((kstack_vault_files)1)

/** What became of one file of a vault. */
typedef int32_t kstack_vault_result;

/** There was nothing to do. */
#define KSTACK_VAULT_UNCHANGED ((kstack_vault_result)0)
/** It was written. */
#define KSTACK_VAULT_WRITTEN ((kstack_vault_result)1)
/** Plaintext and ciphertext differ and it is not known which is newer; nothing was written. */
#define KSTACK_VAULT_CONFLICT ((kstack_vault_result)2)
/** It could not be done; the message says why. */
#define KSTACK_VAULT_FAILED ((kstack_vault_result)3)
/** kstack_vault_rekey with KSTACK_VAULT_CHECK: it is written for other recipients than its team has now. */
#define KSTACK_VAULT_STALE ((kstack_vault_result)4)
/** kstack_vault_status: only the encrypted form is there. */
#define KSTACK_VAULT_ENCRYPTED ((kstack_vault_result)5)
/** kstack_vault_status: both forms are there, and the plaintext was not edited. */
#define KSTACK_VAULT_DECRYPTED ((kstack_vault_result)6)
/** kstack_vault_status: both forms are there, and the plaintext was edited since it was decrypted. */
#define KSTACK_VAULT_EDITED ((kstack_vault_result)7)
/** kstack_vault_status: only the plaintext is there; it was never encrypted. */
#define KSTACK_VAULT_IN_CLEAR ((kstack_vault_result)8)

/** For kstack_vault_options.flags: the source wins over a target that differs. */
#define KSTACK_VAULT_OVERWRITE ((uint32_t)1)
/** For kstack_vault_options.flags of kstack_vault_rekey: nothing is written, stale files are reported. */
#define KSTACK_VAULT_CHECK ((uint32_t)2)

/** Of kstack_vault_report_flags: one of the caller's identities opens the encrypted form. */
#define KSTACK_VAULT_FILE_READABLE ((uint32_t)1)
/** Of kstack_vault_report_flags: it says that it is written for the recipients that its team has now. */
#define KSTACK_VAULT_FILE_CURRENT ((uint32_t)2)

/** How much a line of the log matters. */
typedef int32_t kstack_log_level;

/** For finding a fault. */
#define KSTACK_LOG_DEBUG ((kstack_log_level)0)
/** Worth knowing. */
#define KSTACK_LOG_INFO ((kstack_log_level)1)
/** Something was ignored, or is wrong. */
#define KSTACK_LOG_WARNING ((kstack_log_level)2)

/** Why a call failed. */
typedef struct kstack_error kstack_error;
/** Everything that look-ups share: the project, its configuration, unlocked identities. */
typedef struct kstack_container kstack_container;
/** Ends the calls of the scopes that were made with it. */
typedef struct kstack_cancellation kstack_cancellation;
/** The credentials of one service: names and values, in order. */
typedef struct kstack_credentials kstack_credentials;
/** The vault of one environment. */
typedef struct kstack_vault kstack_vault;
/** What became of each file in a run over a vault. */
typedef struct kstack_vault_report kstack_vault_report;
/** The content of one file of a vault. */
typedef struct kstack_secret kstack_secret;
/** A list of texts. */
typedef struct kstack_string_list kstack_string_list;
/** Where a function of a kstack_secrets_provider puts its answer. */
typedef struct kstack_reply kstack_reply;

/**
 * Takes a line of the log: a level, and a text that holds no secret and is good until the function returns. Called on
 * the thread of the call that logs, when the call is over and nothing is locked, so it may call the library; it must
 * not unwind through the library.
 */
typedef void (*kstack_log_function)(void *log_context, kstack_log_level level, const char *message);

/** How a container is made. Set it to zeros, then struct_size, then what is needed: zero is each field's default. */
typedef struct kstack_options {
  /** sizeof(kstack_options). */
  size_t struct_size;
  /** The folder from which `.kstack.yaml` and the vault are looked for, upwards; NULL: the working directory. */
  const char *project_root;
  /** A file of age identities, before all other sources of identities; NULL: those sources alone. Like project_root, a
   *  relative path is seen from the working directory of the moment when the container is made. */
  const char *identity_file;
  /** The passphrase of an encrypted identity file; NULL: the variable KSTACK_AGE_PASSPHRASE. */
  const char *passphrase;
  /** How long a call to the Kubernetes API server may take, in milliseconds; 0: 5000. Local calls do not use it. */
  uint32_t timeout_ms;
  /** Takes lines of the log; NULL: nothing is logged. */
  kstack_log_function log;
  /** Given to `log` as it is. */
  void *log_context;
} kstack_options;

/** All defaults, for `kstack_options options = KSTACK_OPTIONS_INIT;`. */
#define KSTACK_OPTIONS_INIT \
  { sizeof(kstack_options), NULL, NULL, NULL, 0, NULL, NULL }

/** Until when the calls of a scope may run. Set it to zeros, then struct_size, then what is needed. */
typedef struct kstack_scope {
  /** sizeof(kstack_scope). */
  size_t struct_size;
  /** Milliseconds from the making of the scope until its deadline, for all its calls together; 0: no deadline of its
   *  own. */
  uint32_t timeout_ms;
  /** Ends its calls when it is cancelled; NULL: nothing does. The scope keeps what it needs of it. */
  kstack_cancellation *cancellation;
} kstack_scope;

/** No deadline and no cancellation, for `kstack_scope scope = KSTACK_SCOPE_INIT;`. */
#define KSTACK_SCOPE_INIT \
  { sizeof(kstack_scope), 0, NULL }

/**
 * Answers a look-up of credentials in place of the library: puts names and values into `reply` with kstack_reply_set
 * and returns KSTACK_OK, or says why not with kstack_reply_set_error and returns that status. See
 * kstack_secrets_provider.
 *
 * @param service such as "s3"; `layer` such as "layer3", whatever form the caller used; `environment` NULL where the
 *   caller named none. They are in their grammar, and good until the function returns.
 */
typedef kstack_status (*kstack_get_credentials_function)(void *context, const char *service, const char *layer,
                                                         const char *environment, kstack_reply *reply);

/** Answers kstack_load_secrets in place of the library, as kstack_get_credentials_function does look-ups. */
typedef kstack_status (*kstack_load_secrets_function)(void *context, const char *layer, const char *environment,
                                                      kstack_reply *reply);

/** Takes a context back that the library does not use any more. */
typedef void (*kstack_release_function)(void *context);

/**
 * A program's own provider of secrets. Set it to zeros, then struct_size, then what is needed.
 *
 * The functions are called from the threads of the calls that look up, from several at once, with no lock held: they
 * may call the library, on the same container too, also to replace the provider or to free the container. They must not
 * unwind through the library. What they look up with kstack_get_credentials on the same container comes back to them; a
 * second container still has the provider of the library.
 */
typedef struct kstack_secrets_provider {
  /** sizeof(kstack_secrets_provider). */
  size_t struct_size;
  /** Given to the functions as it is. */
  void *context;
  /** Answers look-ups; must not be NULL. */
  kstack_get_credentials_function get_credentials;
  /** Answers kstack_load_secrets; NULL: no layer has secrets, KSTACK_ERROR_SERVICE_NOT_FOUND. */
  kstack_load_secrets_function load_secrets;
  /** Called once, when the provider was replaced or its container freed, and the last running call of its functions
   *  has returned; from whichever thread that was. NULL: nothing has to be freed. */
  kstack_release_function release;
} kstack_secrets_provider;

/** How a run over a vault goes. Set it to zeros, then struct_size, then what is needed. */
typedef struct kstack_vault_options {
  /** sizeof(kstack_vault_options). */
  size_t struct_size;
  /** The team whose recipients files are written for; NULL: `team` of `.kstack.yaml`, else "dev". Decrypting does not
   *  need it; rekeying takes it for files that name no team themselves, as those of other programs. */
  const char *team;
  /** Paths relative to the vault such as "layer3/cloud-credentials.yaml", by plaintext name; NULL: all files. */
  const char *const *files;
  /** How many paths `files` has. */
  size_t file_count;
  /** 0; decrypting and encrypting take KSTACK_VAULT_OVERWRITE, rekeying takes KSTACK_VAULT_CHECK. */
  uint32_t flags;
} kstack_vault_options;

/** All defaults, for `kstack_vault_options options = KSTACK_VAULT_OPTIONS_INIT;`. */
#define KSTACK_VAULT_OPTIONS_INIT \
  { sizeof(kstack_vault_options), NULL, NULL, 0, 0 }

/* ---------------------------------------------------------------------------------------------------- Library (any) */

/** The version of the library, such as "0.2.0". Static; never NULL. */
KSTACK_API const char *kstack_version(void);

/** The version of the binary interface: KSTACK_ABI_VERSION of the header that the library was built with. */
KSTACK_API uint32_t kstack_abi_version(void);

/* ----------------------------------------------------------------------------------------------------- Errors (any) */

/** The name of a status, such as "KSTACK_ERROR_VAULT"; "KSTACK_ERROR_UNKNOWN" for a number that is none. Static. */
KSTACK_API const char *kstack_status_name(kstack_status status);

/** The code of an error; KSTACK_OK for NULL. */
KSTACK_API kstack_status kstack_error_code(const kstack_error *error);

/** The message of an error in one line; "" for NULL. Good until the error is freed. */
KSTACK_API const char *kstack_error_message(const kstack_error *error);

/** Whether the same call may succeed a little later; false for NULL. */
KSTACK_API bool kstack_error_is_retryable(const kstack_error *error);

/** Frees an error; NULL does nothing. */
KSTACK_API void kstack_error_free(kstack_error *error);

/* ---------------------------------------------------------------------------------------------------- Context (any) */

/** Whether the process runs in a Kubernetes pod. The single source of truth, decided when the library was loaded. */
KSTACK_API bool kstack_is_in_cluster(void);

/** KSTACK_CONTEXT_CLUSTER in a pod, else KSTACK_CONTEXT_LOCAL. */
KSTACK_API kstack_context kstack_current_context(void);

/** Which signs the context was decided by, as a sentence. Static; never NULL. */
KSTACK_API const char *kstack_context_reason(void);

/**
 * Checks that the process runs in the context that is needed. This is the guard that every function of that context
 * passes; bindings use it to refuse whole modules.
 *
 * @param required KSTACK_CONTEXT_LOCAL or KSTACK_CONTEXT_CLUSTER.
 * @return KSTACK_OK, or KSTACK_ERROR_ENVIRONMENT.
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_guard(kstack_context required, kstack_error **error);

/* ------------------------------------------------------------------------------------------ Strings and lists (any) */

/** Wipes and frees a text that the library gave through a `char **`; NULL does nothing. */
KSTACK_API void kstack_string_free(char *text);

/** How many texts a list has; 0 for NULL. */
KSTACK_API size_t kstack_string_list_count(const kstack_string_list *list);

/** The text at an index, good until the list is freed; NULL past the end or for a NULL list. */
KSTACK_API const char *kstack_string_list_get(const kstack_string_list *list, size_t index);

/** Frees a list; NULL does nothing. */
KSTACK_API void kstack_string_list_free(kstack_string_list *list);

/* ----------------------------------------------------------------------------------------------------- Layers (any) */

/**
 * Reads the name of a layer: "layer0" to "layer3", "0" to "3", or the name of its namespace, in upper or lower case.
 *
 * @param out the layer; -1 on failure.
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_layer_parse(const char *text, kstack_layer *out, kstack_error **error);

/** The number of a layer, 0 to 3; -1 for an invalid layer. */
KSTACK_API int32_t kstack_layer_number(kstack_layer layer);

/** The name of a layer, such as "layer3". Static; NULL for an invalid layer. */
KSTACK_API const char *kstack_layer_name(kstack_layer layer);

/** The fixed name of a layer's namespace, such as "layer-3-global-infra". Static; NULL for an invalid layer. */
KSTACK_API const char *kstack_layer_namespace(kstack_layer layer);

/** What to call a layer, such as "Layer 3: Global Infrastructure". Static; NULL for an invalid layer. */
KSTACK_API const char *kstack_layer_display_name(kstack_layer layer);

/* ------------------------------------------------------------------------------------------------- Containers (any) */

/**
 * Makes a container. It reads no file yet: a call that needs configuration or identities reads them, and notices when
 * they have changed since.
 *
 * @param options may be NULL: all defaults.
 * @param out the container, owned by the caller.
 * @return KSTACK_OK; KSTACK_ERROR_IO when the project root cannot be opened as a folder.
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_container_new(const kstack_options *options, kstack_container **out,
                                                              kstack_error **error);

/**
 * Frees a container; NULL does nothing. Vaults opened from it and scopes made of it stay good; with the last of them go
 * the identities that it unlocked, which are wiped, and its provider of secrets.
 */
KSTACK_API void kstack_container_free(kstack_container *container);

/* --------------------------------------------------------------------------------------------------- Scopes (any) */

/**
 * Makes a scope: a light container that shares everything with its parent, and whose calls end early: at the deadline
 * of the scope with KSTACK_ERROR_TIMEOUT, when it is cancelled with KSTACK_ERROR_CANCELLED. So do the calls of vaults
 * opened from it. A scope of a scope also has the deadline and the cancellation of its parent; the earliest counts.
 *
 * What waits (for the API server, before another attempt, for a vault's lock, for a pipe of identities) ends 50 ms
 * later at the most, and so do runs over many or large files, between two pieces of a file. Files that were done by
 * then stay done, the others stay as they were, and the report has them all. Not interrupted are the key of a
 * passphrase being made (scrypt, a second or so), the name in KUBERNETES_SERVICE_HOST being resolved, a file system
 * that hangs, and functions of a kstack_secrets_provider: the call returns what they answer. They may hand the
 * cancellation on to what they wait for. A call that begins when the scope has ended fails at once, before its other
 * arguments are looked at. The timeout_ms of kstack_options still counts for requests to the API server.
 *
 * A provider of secrets set on the parent answers for the scope, too, whenever it was set. One set on the scope answers
 * for the scope and scopes made of it alone; NULL there restores that of the parent.
 *
 * @param scope must not be NULL.
 * @param out the scope, owned by the caller; freed with kstack_container_free, before or after its parent.
 * @return KSTACK_OK; KSTACK_ERROR_TIMEOUT and KSTACK_ERROR_CANCELLED where `container` is a scope that has ended.
 * @since 0.2.0
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_container_scope(kstack_container *container, const kstack_scope *scope,
                                                                kstack_container **out, kstack_error **error);

/**
 * Makes a cancellation, for any number of scopes.
 *
 * @param out the cancellation, owned by the caller.
 * @return KSTACK_OK.
 * @since 0.2.0
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_cancellation_new(kstack_cancellation **out, kstack_error **error);

/**
 * Cancels for ever what runs in the scopes of a cancellation and what would begin there; NULL does nothing. From any
 * thread, any number of times; it only sets a flag, so that a signal handler may call it, too. A forked child has a
 * flag of its own: to cancel in one process does nothing in the other.
 *
 * @since 0.2.0
 */
KSTACK_API void kstack_cancellation_cancel(kstack_cancellation *cancellation);

/**
 * Frees a cancellation; NULL does nothing. Scopes made with it live on, and stay as it was.
 *
 * @since 0.2.0
 */
KSTACK_API void kstack_cancellation_free(kstack_cancellation *cancellation);

/**
 * The environment that is detected: `environment` of `.kstack.yaml`, in a pod what its namespace says.
 *
 * @param out freed with kstack_string_free.
 * @return KSTACK_OK; KSTACK_ERROR_CONFIGURATION when there is no `.kstack.yaml`, it names none, or is malformed or not
 *   to be trusted, or the pod's namespace is not `layer-<number>-<environment>`; KSTACK_ERROR_IO.
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_get_environment(kstack_container *container, char **out,
                                                                kstack_error **error);

/**
 * The absolute path of the folder that holds `environments/` and `providers/`: `config` of `.kstack.yaml`, else the
 * nearest folder upwards that holds `environments/`, itself or in `config/`.
 *
 * @param out freed with kstack_string_free; NULL in a pod, which has none.
 * @return KSTACK_OK; KSTACK_ERROR_CONFIGURATION when there is none; KSTACK_ERROR_IO.
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_get_config_root(kstack_container *container, char **out,
                                                                kstack_error **error);

/**
 * The absolute path of the folder of vaults: `vault` of `.kstack.yaml`, else `vault/` of the nearest folder upwards.
 *
 * @param out freed with kstack_string_free; NULL in a pod, which has none.
 * @return KSTACK_OK; KSTACK_ERROR_CONFIGURATION when there is none or it is untrusted; KSTACK_ERROR_IO.
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_get_vault_root(kstack_container *container, char **out,
                                                               kstack_error **error);

/**
 * The route that is active: which deployment of the system is talked to. It is the variable KSTACK_ROUTE; else, on a
 * developer's machine, `route` of `.kstack.yaml`, for every layer alike; else, in a pod, `active-route` of config map
 * `kstack-route` in the layer's namespace; else development.
 *
 * @param layer such as "layer3".
 * @param out development, testing, staging, production, scratch or data-collection; the short forms dev, test and prod
 *   are given in the long one. Freed with kstack_string_free.
 * @return KSTACK_OK; KSTACK_ERROR_ROUTE when a route is named that is not known; KSTACK_ERROR_CONFIGURATION when
 *   `.kstack.yaml` is malformed or untrusted, or the pod's namespace names no environment;
 *   KSTACK_ERROR_CLUSTER_API in a pod, for every answer but that there is no such config map; KSTACK_ERROR_IO.
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_get_active_route(kstack_container *container, const char *layer,
                                                                 char **out, kstack_error **error);

/* ------------------------------------------------------------------------------------------ Secrets providers (any) */

/**
 * Lets functions of the program answer look-ups in place of the library's own provider, in any context: for tests, and
 * for secrets that are kept elsewhere. Vaults are not touched by it.
 *
 * Calls that run go on with the provider that they began with. After a failure nothing has changed, and `release` is
 * not called.
 *
 * @param provider copied; NULL restores the library's own.
 * @return KSTACK_OK; KSTACK_ERROR_INVALID_ARGUMENT when `get_credentials` is NULL.
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_container_set_secrets_provider(kstack_container *container,
                                                                               const kstack_secrets_provider *provider,
                                                                               kstack_error **error);

/**
 * Adds a value to an answer. The value is copied to locked memory; the caller may wipe its own at once. May be called
 * from any thread, until the function that was given the reply returns; after that it does nothing but fail.
 *
 * A failure spoils the whole answer: the look-up fails with KSTACK_ERROR_INTERNAL, whatever the function returns.
 *
 * @param name 1 to 1024 bytes of UTF-8, each once.
 * @param value any bytes; may be NULL when `size` is 0. All values of an answer together hold at most 16 MiB, and there
 *   are at most 10,000.
 * @param size the length of the value in bytes.
 * @return KSTACK_OK, KSTACK_ERROR_INVALID_ARGUMENT or KSTACK_ERROR_INTERNAL.
 */
KSTACK_API kstack_status kstack_reply_set(kstack_reply *reply, const char *name, const void *value, size_t size);

/**
 * Says why there is no answer. The look-up fails with this status and this message, whatever was added before; the last
 * call counts, and kstack_error_is_retryable says no. It fails as kstack_reply_set does.
 *
 * @param status one of the errors above, not KSTACK_OK.
 * @param message passed on to the caller of the look-up, so it must hold no secret: cut at 1024 characters and made one
 *   printable line; NULL or empty: one that names the status.
 * @return `status`, for the function to return; KSTACK_ERROR_INVALID_ARGUMENT.
 */
KSTACK_API kstack_status kstack_reply_set_error(kstack_reply *reply, kstack_status status, const char *message);

/* ------------------------------------------------------------------------------------------------ Credentials (any) */

/**
 * Gives the credentials of a service, for where the process runs.
 *
 * On a developer's machine they are the mapping `service` in `vault/<environment>/<layer>/cloud-credentials.yaml`; of
 * the plaintext where it exists, else of `secret.cloud-credentials.yaml`, decrypted in memory: nothing is written.
 *
 * In a pod they are the files in `/var/run/secrets/kstack/<layer>-<service>-credentials/` where that folder is mounted,
 * else Secret `<layer>-<service>-credentials` in the pod's namespace, asked for at every call; their bytes as they are.
 *
 * @param service such as "s3".
 * @param layer such as "layer3".
 * @param environment NULL: the one that kstack_get_environment gives.
 * @param out the credentials, owned by the caller.
 * @return KSTACK_OK; KSTACK_ERROR_CONFIGURATION (no environment, no vault, malformed YAML, untrusted files);
 *   KSTACK_ERROR_SERVICE_NOT_FOUND, also where what has the name is no mapping, or an empty one;
 *   KSTACK_ERROR_VAULT (no identity fits, damaged or forged); KSTACK_ERROR_IO; in a pod also
 *   KSTACK_ERROR_CONFIGURATION (another environment than the pod's, no service account) and KSTACK_ERROR_CLUSTER_API.
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_get_credentials(kstack_container *container, const char *service,
                                                                const char *layer, const char *environment,
                                                                kstack_credentials **out, kstack_error **error);

/**
 * Gives all secrets that a layer may see, as one set of credentials.
 *
 * On a developer's machine they are the keys of every `*.yaml` in `vault/<environment>/<layer>/`, and of every one in
 * the folder of another layer whose list `shared_with` names the layer; of the plaintext where it exists, else of
 * `secret.*.yaml`, decrypted in memory. `cloud-credentials.yaml` is none of them, and `shared_with`, `description`,
 * `created`, `status` and `migration` are no secrets. A key of the layer's own files wins over the same key of others.
 * A file of another layer that no identity opens is ignored, and logged. Own files come first, each in the order
 * of its keys. In a pod they are the values of Secret `<layer>-secrets` in its namespace.
 *
 * @param layer such as "layer3".
 * @param environment NULL: the one that kstack_get_environment gives.
 * @param out the secrets, owned by the caller; on a developer's machine every value is a text.
 * @return KSTACK_OK; KSTACK_ERROR_SERVICE_NOT_FOUND when there is none; KSTACK_ERROR_CONFIGURATION (a nested value; a
 *   key that two own files have, or two of other layers and no own one: the message names both; `shared_with` that is
 *   no list of layers; no environment, no vault, malformed YAML, untrusted files); KSTACK_ERROR_VAULT (no
 *   identity opens an own file, or a file is damaged or forged); KSTACK_ERROR_CLUSTER_API in a pod; KSTACK_ERROR_IO.
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_load_secrets(kstack_container *container, const char *layer,
                                                             const char *environment, kstack_credentials **out,
                                                             kstack_error **error);

/**
 * Finds which cloud provider serves a layer, where its service is, and what opens it.
 *
 * The provider is `deployment_targets.<layer>.provider` of `environments/<environment>.yaml`; what it is, and where its
 * services are, stands in `providers/<provider>.yaml`; both are below kstack_get_config_root. Its credentials are
 * `providers.<provider>` in the layer's `cloud-credentials.yaml`, or, where that is not there and the provider is the
 * layer's own, those of the service. Where nothing is configured at all, the credentials of the service say where it is
 * by `endpoint_url` or `region`. In a pod the files are the keys `<name>.yaml` of the
 * config maps `kstack-environments` and `kstack-providers` in its namespace, and the credentials those of
 * kstack_get_credentials for the service, or, where `provider` is another than the configuration's, for a service named
 * after it. Texts of the provider's file may hold `{{layer.namespace}}`, `{{layer.number}}`, `{{layer.name}}` and
 * `{{environment}}`. docs/providers.md shows the files.
 *
 * @param service such as "s3".
 * @param layer "layer1" or "layer3": the others have no cloud services.
 * @param environment NULL: the one that kstack_get_environment gives.
 * @param provider NULL: the one of the configuration. Another one needs `allow_provider_override: true` in the
 *   environment's file.
 * @param out owned by the caller. Its names are, in this order: provider, family, implementation, region, endpoint_url,
 *   presigned_url_domain, verify_ssl ("true" or "false"), then the credentials, then what else the service's entry
 *   holds. What is not configured is left out, but verify_ssl, which is "true" then.
 * @return KSTACK_OK; KSTACK_ERROR_LAYER_ACCESS for a layer without cloud services; KSTACK_ERROR_CONFIGURATION when a
 *   file is missing or not as it must be (the message tells all that is wrong with it), when the provider may not be
 *   named, when a credential is named provider, family or implementation, or names another region, endpoint_url,
 *   presigned_url_domain or verify_ssl than the provider's file; KSTACK_ERROR_SERVICE_NOT_FOUND when the provider does
 * not have the service, or there are no credentials for it; KSTACK_ERROR_VAULT; KSTACK_ERROR_CLUSTER_API in a pod;
 *   KSTACK_ERROR_IO.
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_resolve_service(kstack_container *container, const char *service,
                                                                const char *layer, const char *environment,
                                                                const char *provider, kstack_credentials **out,
                                                                kstack_error **error);

/**
 * Gives the credentials of a service as the SDKs of AWS take them from a program: the JSON of `credential_process`,
 * with `Version`, `AccessKeyId`, `SecretAccessKey` and, where they are there and not empty, `SessionToken` and
 * `Expiration` (an ISO 8601 time, handed on as it is written).
 *
 * They are those of kstack_get_credentials: access_key_id or access_key, secret_access_key or secret_key,
 * session_token, expiration; in upper or lower case, with `_`, `-` or nothing between words, with or without `aws` in
 * front.
 *
 * @param service such as "s3".
 * @param layer such as "layer3".
 * @param environment NULL: the one that kstack_get_environment gives.
 * @param out the JSON, a secret; freed, and wiped, with kstack_string_free.
 * @return as kstack_get_credentials; KSTACK_ERROR_CONFIGURATION also when one of the two keys is missing or empty, or
 *   when two spellings of a name are there with different values.
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_aws_credential_process(kstack_container *container, const char *service,
                                                                       const char *layer, const char *environment,
                                                                       char **out, kstack_error **error);

/**
 * Gives the keys for AWS among credentials, those of a resolved service too, as the SDKs of AWS call them: AccessKeyId,
 * SecretAccessKey and, where they are there and not empty, SessionToken and Expiration. The rule is that of
 * kstack_aws_credential_process.
 *
 * @param out new credentials, owned by the caller.
 * @return KSTACK_OK; KSTACK_ERROR_CONFIGURATION as kstack_aws_credential_process.
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_credentials_aws_keys(const kstack_credentials *credentials,
                                                                     kstack_credentials **out, kstack_error **error);

/**
 * Gives credentials as variables of a process, in their order: a name is in upper case, with `_` for `-`.
 *
 * @param out new credentials, owned by the caller: their names are those of the variables.
 * @return KSTACK_OK; KSTACK_ERROR_CONFIGURATION for a name that no variable can have (ASCII letters, digits, `_` and
 *   `-`, not first a digit or `-`), a value with a NUL, two names of one variable, and a variable by which programs are
 *   made to run code, such as PATH or LD_PRELOAD; docs/layer-secrets.md lists those.
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_credentials_environ(const kstack_credentials *credentials,
                                                                    kstack_credentials **out, kstack_error **error);

/** How many values there are; 0 for NULL. */
KSTACK_API size_t kstack_credentials_count(const kstack_credentials *credentials);

/** The name at an index, in the order of the source; NULL past the end or for NULL credentials. */
KSTACK_API const char *kstack_credentials_name(const kstack_credentials *credentials, size_t index);

/**
 * The value at an index: its bytes, with a NUL after them that does not count. A scalar is its text exactly as
 * written, null is empty text, a nested value is its JSON text.
 *
 * @param size where the length in bytes goes; may be NULL. Set to 0 where NULL is returned.
 * @return NULL past the end or for NULL credentials.
 */
KSTACK_API const void *kstack_credentials_value(const kstack_credentials *credentials, size_t index, size_t *size);

/** The value of a name as text; NULL where there is none of that name, or an argument is NULL. */
KSTACK_API const char *kstack_credentials_get(const kstack_credentials *credentials, const char *name);

/** The whole tree as one JSON object, every scalar a string; NULL where a value is not UTF-8, or for NULL. */
KSTACK_API const char *kstack_credentials_json(const kstack_credentials *credentials);

/** Where the credentials are from: the path of the file or of the mounted folder, the Secret with its resourceVersion,
 *  or that it was the program's own provider. NULL for NULL. */
KSTACK_API const char *kstack_credentials_source(const kstack_credentials *credentials);

/** Wipes and frees credentials; NULL does nothing. */
KSTACK_API void kstack_credentials_free(kstack_credentials *credentials);

/* --------------------------------------------------------------------------------------------------- Vaults (local) */

/**
 * Opens the vault of an environment.
 *
 * @param environment NULL: the one that kstack_get_environment gives.
 * @param out the vault, owned by the caller; it keeps what it needs of the container alive.
 * @return KSTACK_OK; KSTACK_ERROR_ENVIRONMENT in a pod; KSTACK_ERROR_CONFIGURATION when there is no vault or no such
 *   environment in it, or it is untrusted; KSTACK_ERROR_IO.
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_vault_open(kstack_container *container, const char *environment,
                                                           kstack_vault **out, kstack_error **error);

/** Closes a vault; NULL does nothing. Nothing in the file system changes. */
KSTACK_API void kstack_vault_free(kstack_vault *vault);

/** The absolute path of the vault's folder; NULL for NULL. Good until the vault is freed. */
KSTACK_API const char *kstack_vault_path(const kstack_vault *vault);

/** The environment of a vault; NULL for NULL. Good until the vault is freed. */
KSTACK_API const char *kstack_vault_environment(const kstack_vault *vault);

/**
 * Whether some encrypted file of the vault lacks its plaintext; false for a vault without encrypted files.
 *
 * @return KSTACK_OK; KSTACK_ERROR_ENVIRONMENT in a pod; KSTACK_ERROR_CONFIGURATION (a link in the vault, or untrusted
 *   files); KSTACK_ERROR_IO.
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_vault_is_encrypted(kstack_vault *vault, bool *out,
                                                                   kstack_error **error);

/**
 * The absolute path of a decrypted file.
 *
 * @param filename the plaintext name.
 * @param out freed with kstack_string_free.
 * @return KSTACK_OK; KSTACK_ERROR_ENVIRONMENT in a pod; KSTACK_ERROR_SERVICE_NOT_FOUND when there is no such file, or
 *   only its encrypted form, and then the message says so; KSTACK_ERROR_CONFIGURATION; KSTACK_ERROR_IO.
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_vault_get_file(kstack_vault *vault, const char *layer,
                                                               const char *filename, char **out, kstack_error **error);

/**
 * Lists files of a vault, as sorted paths relative to it such as "layer3/secret.cloud-credentials.yaml".
 *
 * @param layer NULL: all four.
 * @param which KSTACK_VAULT_FILES_DECRYPTED or KSTACK_VAULT_FILES_ENCRYPTED.
 * @param out the list, owned by the caller; it may be empty.
 * @return KSTACK_OK; KSTACK_ERROR_ENVIRONMENT in a pod; KSTACK_ERROR_CONFIGURATION; KSTACK_ERROR_IO.
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_vault_list(kstack_vault *vault, const char *layer,
                                                           kstack_vault_files which, kstack_string_list **out,
                                                           kstack_error **error);

/**
 * Lists the environments that have a vault, sorted.
 *
 * @param out the list, owned by the caller; it may be empty.
 * @return KSTACK_OK; KSTACK_ERROR_ENVIRONMENT in a pod; KSTACK_ERROR_CONFIGURATION when there is no vault;
 *   KSTACK_ERROR_IO.
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_list_environments(kstack_container *container, kstack_string_list **out,
                                                                  kstack_error **error);

/**
 * Lists the services that a layer has credentials for, in the order of the file. `providers`, which holds the
 * credentials of cloud providers, is none.
 *
 * @param environment NULL: the one that kstack_get_environment gives.
 * @param out the list, owned by the caller.
 * @return as kstack_get_credentials; KSTACK_ERROR_ENVIRONMENT in a pod.
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_list_services(kstack_container *container, const char *layer,
                                                              const char *environment, kstack_string_list **out,
                                                              kstack_error **error);

/* ---------------------------------------------------------------------------------------- Runs over a vault (local) */

/**
 * Writes the plaintext of the vault's files beside them, mode 0600. All files are tried, whatever becomes of one. A
 * plaintext that was not edited since it was decrypted is replaced by what is newer; an edited one is a conflict and
 * stays, unless KSTACK_VAULT_OVERWRITE is set.
 *
 * @param options may be NULL: all files, no flags.
 * @param report may be NULL; filled on failure too, where the run began.
 * @return KSTACK_OK when every file succeeded; else the status of the first file that did not:
 *   KSTACK_ERROR_CONFLICT, KSTACK_ERROR_VAULT, KSTACK_ERROR_IO, KSTACK_ERROR_CONFIGURATION,
 *   KSTACK_ERROR_SERVICE_NOT_FOUND for a path in `files` that is not there; KSTACK_ERROR_ENVIRONMENT in a pod.
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_vault_decrypt(kstack_vault *vault, const kstack_vault_options *options,
                                                              kstack_vault_report **report, kstack_error **error);

/**
 * Encrypts the vault's plaintext files for a team and removes them. A plaintext that was not edited since it was
 * decrypted is only removed: its encrypted form stays, even one that somebody else made since. What was written is read
 * back whole before a plaintext goes. All files are tried, whatever becomes of one. Where plaintext and encrypted form
 * both changed, or it is not known which is newer, that is a conflict and both stay, unless KSTACK_VAULT_OVERWRITE is
 * set and the plaintext wins.
 *
 * @param options may be NULL: all files, the default team, no flags. The recipients of a team are the lines of
 *   `vault/<environment>/.recipients/<team>.txt`, else of `vault/.recipients/<team>.txt`.
 * @param report may be NULL; filled on failure too, where the run began.
 * @return as kstack_vault_decrypt; KSTACK_ERROR_CONFIGURATION also when the team has no recipients, or a file was
 *   written for another team; KSTACK_ERROR_VAULT also when none of the caller's identities could read the result.
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_vault_encrypt(kstack_vault *vault, const kstack_vault_options *options,
                                                              kstack_vault_report **report, kstack_error **error);

/**
 * Encrypts anew every file that is written for other recipients than its team has now, from ciphertext to ciphertext in
 * memory, with a new file key. Plaintexts are not touched, and nobody gets a conflict because somebody else rekeyed.
 * What was written is read back whole before it replaces what was there. All files are tried, whatever becomes of one.
 *
 * A file says for which team it is; one of another program says nothing, counts for the team of `options`, and is
 * always stale. Whoever could read a file before can still read what git has of it: change the secrets that they knew.
 *
 * @param options may be NULL: all files, the default team, no flags. With KSTACK_VAULT_CHECK nothing is written and no
 *   lock is taken: a file that would be encrypted anew is KSTACK_VAULT_STALE.
 * @param report may be NULL; filled on failure too, where the run began.
 * @return KSTACK_OK, also where files are stale; else as kstack_vault_encrypt.
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_vault_rekey(kstack_vault *vault, const kstack_vault_options *options,
                                                            kstack_vault_report **report, kstack_error **error);

/**
 * Says of each file in which forms it is there: KSTACK_VAULT_ENCRYPTED, _DECRYPTED, _EDITED, _IN_CLEAR, or _CONFLICT
 * where both forms changed or it is not known which is newer; kstack_vault_report_flags says whether one of the
 * caller's identities opens it, and whether it is written for the recipients that its team has now. Changes nothing,
 * takes no lock, and needs no identity: without one no file is readable.
 *
 * @param options may be NULL: all files, the default team; flags must be 0.
 * @param report may be NULL; filled on failure too.
 * @return KSTACK_OK, whatever the files are; else the status of the first file that could not be looked at
 *   (KSTACK_VAULT_FAILED), or that is where no file of a vault belongs: KSTACK_ERROR_CONFIGURATION, KSTACK_ERROR_IO,
 *   KSTACK_ERROR_SERVICE_NOT_FOUND for a path in `files` that is not there; KSTACK_ERROR_ENVIRONMENT in a pod.
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_vault_status(kstack_vault *vault, const kstack_vault_options *options,
                                                             kstack_vault_report **report, kstack_error **error);

/** How many files a report has; 0 for NULL. */
KSTACK_API size_t kstack_vault_report_count(const kstack_vault_report *report);

/** The path of the plaintext of a file, relative to the vault; NULL past the end or for NULL. */
KSTACK_API const char *kstack_vault_report_path(const kstack_vault_report *report, size_t index);

/** What became of a file; KSTACK_VAULT_FAILED past the end or for NULL. */
KSTACK_API kstack_vault_result kstack_vault_report_result(const kstack_vault_report *report, size_t index);

/** Why, for a conflict or a failure; else what there is to tell, such as that recipients have changed, or "". NULL past
 *  the end or for NULL. */
KSTACK_API const char *kstack_vault_report_message(const kstack_vault_report *report, size_t index);

/** What kstack_vault_status, or kstack_vault_rekey, found out about a file: KSTACK_VAULT_FILE_READABLE and
 *  KSTACK_VAULT_FILE_CURRENT, or'ed; 0 past the end or for NULL. */
KSTACK_API uint32_t kstack_vault_report_flags(const kstack_vault_report *report, size_t index);

/** Frees a report; NULL does nothing. */
KSTACK_API void kstack_vault_report_free(kstack_vault_report *report);

/* ------------------------------------------------------------------------------------ Vault files in memory (local) */

/**
 * Decrypts one file in memory; nothing is written. Files of more than 64 MiB are refused: decrypt them to disk.
 *
 * @param layer such as "layer3".
 * @param filename the plaintext name, such as "cloud-credentials.yaml"; the file read is `secret.<filename>`.
 * @param out the content, owned by the caller.
 * @return KSTACK_OK; KSTACK_ERROR_ENVIRONMENT in a pod; KSTACK_ERROR_SERVICE_NOT_FOUND; KSTACK_ERROR_VAULT;
 *   KSTACK_ERROR_CONFIGURATION; KSTACK_ERROR_IO.
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_vault_read(kstack_vault *vault, const char *layer, const char *filename,
                                                           kstack_secret **out, kstack_error **error);

/**
 * Encrypts one file out of memory for a team; no plaintext is on the disk. It replaces what has the name. A plaintext
 * beside it stays as it is.
 *
 * @param layer such as "layer3"; its folder is made where there is none.
 * @param filename the plaintext name; the file written is `secret.<filename>`.
 * @param data the content; may be NULL when `size` is 0.
 * @param size its length in bytes.
 * @param team NULL: the default team.
 * @return KSTACK_OK; KSTACK_ERROR_ENVIRONMENT in a pod; KSTACK_ERROR_CONFIGURATION when the team has no recipients, or
 *   the file was written for another team; KSTACK_ERROR_VAULT when none of the caller's identities could read the
 *   result; KSTACK_ERROR_CONFLICT when the file changed meanwhile; KSTACK_ERROR_IO.
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_vault_write(kstack_vault *vault, const char *layer,
                                                            const char *filename, const void *data, size_t size,
                                                            const char *team, kstack_error **error);

/** The bytes of a secret, with a NUL after them that does not count; NULL for NULL. */
KSTACK_API const void *kstack_secret_data(const kstack_secret *secret);

/** The length of a secret in bytes; 0 for NULL. */
KSTACK_API size_t kstack_secret_size(const kstack_secret *secret);

/** Wipes and frees a secret; NULL does nothing. */
KSTACK_API void kstack_secret_free(kstack_secret *secret);

/* ----------------------------------------------------------------------------------------------- Identities (local) */

/**
 * Makes a new age identity, as age-keygen does.
 *
 * @param identity the secret half, "AGE-SECRET-KEY-1…"; freed with kstack_string_free.
 * @param recipient the public half, "age1…"; freed with kstack_string_free.
 * @return KSTACK_OK; KSTACK_ERROR_ENVIRONMENT in a pod.
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_identity_generate(char **identity, char **recipient,
                                                                  kstack_error **error);

/* --------------------------------------------------------------------------------- Config maps and routes (cluster) */

/**
 * Gives the text of a key of a config map, in the layer's namespace: the pod's own namespace for its own layer, else
 * that of the other layer in the same environment. Binary values and those with a NUL are refused.
 *
 * @param layer such as "layer3".
 * @param name of the config map: lower-case letters, digits, hyphens and dots, at most 253.
 * @param key letters, digits, '-', '.' and '_', at most 253.
 * @param out freed with kstack_string_free.
 * @return KSTACK_OK; KSTACK_ERROR_ENVIRONMENT outside of a pod; KSTACK_ERROR_SERVICE_NOT_FOUND when there is no such
 *   config map, or no such key in it, and then the message lists the keys; KSTACK_ERROR_CLUSTER_API;
 *   KSTACK_ERROR_CONFIGURATION (no service account, a namespace of another shape, a binary value); KSTACK_ERROR_IO.
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_configmap_get(kstack_container *container, const char *layer,
                                                              const char *name, const char *key, char **out,
                                                              kstack_error **error);

/**
 * Makes a route the active one of a layer: writes it, in its long form, as `active-route` into config map
 * `kstack-route` in the layer's namespace. The config map must be there. Where the answer of the API server is lost, it
 * is read whether the change was made, and written again only if it was not.
 *
 * @param layer such as "layer3".
 * @param route development, testing, staging, production, scratch or data-collection, or dev, test or prod.
 * @return KSTACK_OK; KSTACK_ERROR_ENVIRONMENT outside of a pod; KSTACK_ERROR_ROUTE for an unknown route, before
 *   anything is sent; KSTACK_ERROR_SERVICE_NOT_FOUND when there is no such config map; KSTACK_ERROR_CLUSTER_API;
 *   KSTACK_ERROR_CONFIGURATION; KSTACK_ERROR_IO.
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_set_active_route(kstack_container *container, const char *layer,
                                                                 const char *route, kstack_error **error);

#ifdef __cplusplus
}
#endif

#endif /* KSTACK_H */
