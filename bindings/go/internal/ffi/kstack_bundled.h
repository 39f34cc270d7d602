// Code generated from Include/kstack.h by `make generate`; DO NOT EDIT.
/*
 * kstack: the right credentials for where a program runs.
 *
 * In a Kubernetes pod they come from Kubernetes Secrets, on a developer's machine from a vault of YAML files encrypted
 * with age. This header is the authority on the C API of libkstack.so; it is valid C99 and C++17. Its chapters:
 *
 *   Library                   the version
 *   Errors                    what a call returns, and why it failed
 *   Context                   a pod, or a developer's machine
 *   Strings and lists         what calls return, and how to free it
 *   Layers                    the four layers of a deployment
 *   Containers                where to begin: options, environment, folders, route
 *   Scopes                    deadlines and cancelling
 *   Secrets providers         a program's own source of secrets
 *   Credentials               looking up, and reading what was found
 *   Vaults                    opening a vault, what is in it
 *   Runs over a vault         decrypting, encrypting and rekeying files
 *   Vault files in memory     one file, without its plaintext on disk
 *   Identities                age keys
 *   Config maps and routes    in a pod
 *
 * Contexts. Each chapter says in which context its functions run: any, local (a developer's machine) or cluster (a
 *   pod). In the wrong context a function does nothing and returns KSTACK_ERROR_ENVIRONMENT. The context is decided
 *   once, when the library is loaded; nothing overrides it.
 *
 * Errors. A function that can fail returns a kstack_status and takes `kstack_error **error` last. `error` may be NULL;
 *   otherwise *error is NULL after success, and after a failure an object to free with kstack_error_free. Messages say
 *   what was looked for, where, and what to do next, and never hold a secret. Every such function may return
 *   KSTACK_ERROR_INVALID_ARGUMENT (NULL where a value is needed, a string that is not UTF-8, an invalid name) and
 *   KSTACK_ERROR_INTERNAL (a defect in the library, or no memory); these two are not repeated below. New codes may be
 *   added: treat an unknown one as a failure. No input aborts the process. Without memory a call returns
 *   KSTACK_ERROR_INTERNAL: whatever an input can make 64 KiB long or longer (documents, files, lists, reports) comes
 *   from allocations that can fail. Smaller blocks (names, messages, objects) come from the Swift runtime, which ends
 *   the process where not even those can be had.
 *
 * Arguments. Strings are NUL-terminated UTF-8 of 32 KiB at most; the library copies what it keeps. A parameter must not
 *   be NULL unless its description says `NULL:` or "may be NULL". Outputs are first set to NULL, false or 0 (a layer to
 *   -1), in every case; then the context is checked, then the arguments, then the work is done. Outputs are filled on
 *   success only (a report also on failure). docs/vault.md says which names of layers, environments, services and files
 *   are valid; an invalid one never reaches the file system. A call changes neither a `const` object nor what it stands
 *   for.
 *
 * Ownership. A pointer that the library returns is one of three kinds. Owned: `_new`, `_open` and every `**out` give an
 *   object that the caller frees with the `_free` of its type. Lent: an accessor's result is valid until its object is
 *   freed, as its description says. Static: valid as long as the process runs. Freeing NULL does nothing; freeing twice
 *   is a mistake of the caller that is not detected. Never pass memory of the library to free(), or your own to a
 *   `_free`. Secrets lie in locked memory, are kept out of core dumps and are wiped when they are freed.
 *
 * Threads. Many threads may use a container or a vault at once; results are immutable. Do not free an object while
 *   another thread uses it. The library installs no signal handler and has no thread of its own between calls: runs
 *   over a vault use threads that end before the call returns, and libcurl may start one while it resolves the name in
 *   KUBERNETES_SERVICE_HOST. A thread is not cancelled inside the library. A call needs 64 KiB of stack at most (in a
 *   pod libcurl and its TLS may take more: have 256 KiB there), not counting callbacks.
 *
 * Callbacks. The library calls functions of the program on the thread of the call that needs them, with no lock held
 *   (but see kstack_is_interrupted_function): they may call the library, on the same container too. They must return
 *   normally: no longjmp, no exception, no pthread_exit. Several threads may be in one callback at once.
 *
 * Forks. A fork waits for the calls of other threads, but not for those that wait themselves (for the network, a lock,
 *   a callback). The child may go on using what the parent made. What the parent had locked in memory is not locked in
 *   the child (mlock is not inherited), but is still kept out of core dumps and wiped.
 *
 * Stability. Within one KSTACK_ABI_VERSION functions are added and never changed or removed, numbers are never reused,
 *   and structures grow at their end, told by `struct_size`. A function that has a better successor is marked
 *   KSTACK_DEPRECATED and keeps working. `@since` names the version that brought a function or a type.
 */
#ifndef KSTACK_H
#define KSTACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define KSTACK_API __attribute__((visibility("hidden")))
#define KSTACK_MUST_USE __attribute__((warn_unused_result))
/** Deprecates a declaration: the compiler warns, and says what to use instead. @since 0.2.0 */
#define KSTACK_DEPRECATED(instead) __attribute__((deprecated("use " instead)))
#else
#define KSTACK_API
#define KSTACK_MUST_USE
#define KSTACK_DEPRECATED(instead)
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---------------------------------------------------------------------------------------------------- Library (any) */

#define KSTACK_VERSION_MAJOR 0
#define KSTACK_VERSION_MINOR 2
#define KSTACK_VERSION_PATCH 0
/** The version of this header; compare it with kstack_version() to find a library of another version. */
#define KSTACK_VERSION "0.2.0"
/** The version of this header as a number, for `#if KSTACK_VERSION_NUMBER >= 200`: 1.2.3 is 10203. @since 0.2.0 */
#define KSTACK_VERSION_NUMBER (KSTACK_VERSION_MAJOR * 10000 + KSTACK_VERSION_MINOR * 100 + KSTACK_VERSION_PATCH)
/** The version of the binary interface, as in the name libkstack.so.0. */
#define KSTACK_ABI_VERSION 0

/** The version of the library, such as "0.2.0". Static; never NULL. @since 0.2.0 */
KSTACK_API const char *kstack_version(void);

/** The version of the library as a number: KSTACK_VERSION_NUMBER of the header that it was built with. @since 0.2.0 */
KSTACK_API uint32_t kstack_version_number(void);

/** The version of the binary interface: KSTACK_ABI_VERSION of the header that the library was built with.
 *  @since 0.2.0 */
KSTACK_API uint32_t kstack_abi_version(void);

/* ----------------------------------------------------------------------------------------------------- Errors (any) */

/** What a function returns: KSTACK_OK, or why it failed. @since 0.2.0 */
typedef int32_t kstack_status;

/** Success. */
#define KSTACK_OK ((kstack_status)0)
/** NULL where a value is needed, a string that is not UTF-8, or an invalid name. */
#define KSTACK_ERROR_INVALID_ARGUMENT ((kstack_status)1)
/** The function does not run in this context: vault code in a pod, or cluster code outside of one. */
#define KSTACK_ERROR_ENVIRONMENT ((kstack_status)2)
/** Configuration is missing, malformed or untrusted, or environments do not match. */
#define KSTACK_ERROR_CONFIGURATION ((kstack_status)3)
/** No such credentials file, service, secret or config map. */
#define KSTACK_ERROR_SERVICE_NOT_FOUND ((kstack_status)4)
/** The layer may not have what was asked for. */
#define KSTACK_ERROR_LAYER_ACCESS ((kstack_status)5)
/** The route is unknown. */
#define KSTACK_ERROR_ROUTE ((kstack_status)6)
/** No identity fits, or the ciphertext is damaged or forged. */
#define KSTACK_ERROR_VAULT ((kstack_status)7)
/** The Kubernetes API server could not be reached, or refused the request. */
#define KSTACK_ERROR_CLUSTER_API ((kstack_status)8)
/** The file system refused; the message names the path and the reason. */
#define KSTACK_ERROR_IO ((kstack_status)9)
/** A defect in the library, or no memory. */
#define KSTACK_ERROR_INTERNAL ((kstack_status)10)
/** Both the plaintext and its ciphertext changed; nothing was written. */
#define KSTACK_ERROR_CONFLICT ((kstack_status)11)
/** The API server took too long, a vault's lock was held for 30 seconds, or the deadline of the call's scope passed.
 *  A retry may help. */
#define KSTACK_ERROR_TIMEOUT ((kstack_status)12)
/** The scope of the call was cancelled. */
#define KSTACK_ERROR_CANCELLED ((kstack_status)13)

/** Why a call failed. Immutable; owned by the caller until kstack_error_free, on any thread. @since 0.2.0 */
typedef struct kstack_error kstack_error;

/** The name of a status, such as "KSTACK_ERROR_VAULT"; "KSTACK_ERROR_UNKNOWN" for any other number. Static.
 *  @since 0.2.0 */
KSTACK_API const char *kstack_status_name(kstack_status status);

/** The status that the call returned; KSTACK_OK for NULL. @since 0.2.0 */
KSTACK_API kstack_status kstack_error_code(const kstack_error *error);

/** The message in one line; "" for NULL. Valid until the error is freed. @since 0.2.0 */
KSTACK_API const char *kstack_error_message(const kstack_error *error);

/** Whether the same call may succeed a little later; false for NULL. @since 0.2.0 */
KSTACK_API bool kstack_error_is_retryable(const kstack_error *error);

/** The number of the system's error, as in errno(3), where a system call on a file was the reason of KSTACK_ERROR_IO; 0
 *  for every other error, and for NULL. @since 0.2.0 */
KSTACK_API int32_t kstack_error_errno(const kstack_error *error);

/** The path of the file that could not be read or written, which may be that of a temporary file; "" where
 *  kstack_error_errno is 0, where it holds a private key, and where no file was found and it may be a secret itself.
 *  Valid until the error is freed. @since 0.2.0 */
KSTACK_API const char *kstack_error_path(const kstack_error *error);

/** Frees an error; NULL does nothing. @since 0.2.0 */
KSTACK_API void kstack_error_free(kstack_error *error);

/* ---------------------------------------------------------------------------------------------------- Context (any) */

/** Where the process runs. @since 0.2.0 */
typedef int32_t kstack_context;

/** A developer's machine, or any other place that shows no sign of a pod. */
#define KSTACK_CONTEXT_LOCAL ((kstack_context)0)
/** A Kubernetes pod. */
#define KSTACK_CONTEXT_CLUSTER ((kstack_context)1)

/** Whether the process runs in a Kubernetes pod. The single source of truth, decided when the library was loaded.
 *  @since 0.2.0 */
KSTACK_API bool kstack_is_in_cluster(void);

/** KSTACK_CONTEXT_CLUSTER in a pod, else KSTACK_CONTEXT_LOCAL. @since 0.2.0 */
KSTACK_API kstack_context kstack_current_context(void);

/** Which signs decided the context, as a sentence. Static; never NULL. @since 0.2.0 */
KSTACK_API const char *kstack_context_reason(void);

/**
 * Checks that the process runs in the required context. This is the guard that every function of that context passes;
 * bindings use it to refuse whole modules.
 *
 * @param required KSTACK_CONTEXT_LOCAL or KSTACK_CONTEXT_CLUSTER.
 * @return KSTACK_OK, or KSTACK_ERROR_ENVIRONMENT.
 * @since 0.2.0
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_guard(kstack_context required, kstack_error **error);

/* ------------------------------------------------------------------------------------------ Strings and lists (any) */

/** A list of strings. Immutable; owned by the caller until kstack_string_list_free. @since 0.2.0 */
typedef struct kstack_string_list kstack_string_list;

/** Wipes and frees a string that the library gave through a `char **`; NULL does nothing. @since 0.2.0 */
KSTACK_API void kstack_string_free(char *string);

/** How many strings a list has; 0 for NULL. @since 0.2.0 */
KSTACK_API size_t kstack_string_list_count(const kstack_string_list *list);

/** The string at an index; NULL past the end or for a NULL list. Valid until the list is freed. @since 0.2.0 */
KSTACK_API const char *kstack_string_list_get(const kstack_string_list *list, size_t index);

/** Frees a list and its strings; NULL does nothing. @since 0.2.0 */
KSTACK_API void kstack_string_list_free(kstack_string_list *list);

/* ----------------------------------------------------------------------------------------------------- Layers (any) */

/** A layer: its number, 0 to 3. @since 0.2.0 */
typedef int32_t kstack_layer;

/**
 * Reads the name of a layer: "layer0" to "layer3", "0" to "3", or the name of its namespace, in upper or lower case.
 *
 * @param out the layer; -1 on failure.
 * @since 0.2.0
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_layer_parse(const char *text, kstack_layer *out, kstack_error **error);

/** The number of a layer, 0 to 3; -1 for an invalid layer. @since 0.2.0 */
KSTACK_API int32_t kstack_layer_number(kstack_layer layer);

/** The name of a layer, such as "layer3". Static; NULL for an invalid layer. @since 0.2.0 */
KSTACK_API const char *kstack_layer_name(kstack_layer layer);

/** The fixed name of a layer's namespace, such as "layer-3-global-infra". Static; NULL for an invalid layer.
 *  @since 0.2.0 */
KSTACK_API const char *kstack_layer_namespace(kstack_layer layer);

/** The name of a layer for people, such as "Layer 3: Global Infrastructure". Static; NULL for an invalid layer.
 *  @since 0.2.0 */
KSTACK_API const char *kstack_layer_display_name(kstack_layer layer);

/* ------------------------------------------------------------------------------------------------- Containers (any) */

/** The level of a log line. @since 0.2.0 */
typedef int32_t kstack_log_level;

/** For debugging. */
#define KSTACK_LOG_DEBUG ((kstack_log_level)0)
/** Worth knowing. */
#define KSTACK_LOG_INFO ((kstack_log_level)1)
/** Something was ignored, or is wrong. */
#define KSTACK_LOG_WARNING ((kstack_log_level)2)

/**
 * Takes a log line. Called on the thread of the call that logs, at its end, before it returns; see Callbacks above for
 * what it may do.
 *
 * @param log_context as in kstack_options.
 * @param message one line that holds no secret; valid until the function returns.
 * @since 0.2.0
 */
typedef void (*kstack_log_function)(void *log_context, kstack_log_level level, const char *message);

/** How a container is made. Begin with KSTACK_OPTIONS_INIT and set what is needed; zero is each field's default. Of its
 *  pointers the library keeps only `log` and `log_context`, which must stay valid until the container and all vaults
 *  opened from it are freed. @since 0.2.0 */
typedef struct kstack_options {
  /** sizeof(kstack_options). */
  size_t struct_size;
  /** The folder from which `.kstack.yaml` and the vault are looked for, upwards; NULL: the working directory. */
  const char *project_root;
  /** A file of age identities, before all other sources of identities; NULL: those sources alone. Like project_root, a
   *  relative path is relative to the working directory at the moment when the container is made. */
  const char *identity_file;
  /** The passphrase of an encrypted identity file; NULL: the variable KSTACK_AGE_PASSPHRASE. */
  const char *passphrase;
  /** How long a call to the Kubernetes API server may take, in milliseconds; 0: 5000. Local calls do not use it. */
  uint32_t timeout_ms;
  /** Takes lines of the log; NULL: nothing is logged. */
  kstack_log_function log;
  /** Passed to `log` unchanged. */
  void *log_context;
} kstack_options;

/** All defaults, for `kstack_options options = KSTACK_OPTIONS_INIT;`. @since 0.2.0 */
#define KSTACK_OPTIONS_INIT \
  { sizeof(kstack_options), NULL, NULL, NULL, 0, NULL, NULL }

/** Everything that look-ups share: the project, its configuration, unlocked identities. Owned by the caller until
 *  kstack_container_free; for many threads. @since 0.2.0 */
typedef struct kstack_container kstack_container;

/**
 * Makes a container. It reads no file yet: a call that needs configuration or identities reads them, and notices when
 * they have changed since.
 *
 * @param options may be NULL: all defaults.
 * @param out the container, owned by the caller.
 * @return KSTACK_OK; KSTACK_ERROR_IO when the project root cannot be opened as a folder.
 * @since 0.2.0
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_container_new(const kstack_options *options, kstack_container **out,
                                                              kstack_error **error);

/**
 * Frees a container; NULL does nothing. Vaults opened from it and scopes made of it stay valid; with the last of them
 * the identities that it unlocked are wiped, and its secrets provider is released.
 *
 * @since 0.2.0
 */
KSTACK_API void kstack_container_free(kstack_container *container);

/**
 * The detected environment: `environment` of `.kstack.yaml`; in a pod, the one that its namespace names.
 *
 * @param out freed with kstack_string_free.
 * @return KSTACK_OK; KSTACK_ERROR_CONFIGURATION when there is no `.kstack.yaml`, it names none, or is malformed or
 *   untrusted, or the pod's namespace is not `layer-<number>-<environment>`; KSTACK_ERROR_IO.
 * @since 0.2.0
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_get_environment(const kstack_container *container, char **out,
                                                                kstack_error **error);

/**
 * The absolute path of the folder that holds `environments/` and `providers/`: `config` of `.kstack.yaml`, else the
 * nearest folder upwards that holds `environments/`, itself or in `config/`.
 *
 * @param out freed with kstack_string_free; NULL in a pod, which has none.
 * @return KSTACK_OK; KSTACK_ERROR_CONFIGURATION when there is none; KSTACK_ERROR_IO.
 * @since 0.2.0
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_get_config_root(const kstack_container *container, char **out,
                                                                kstack_error **error);

/**
 * The absolute path of the folder of vaults: `vault` of `.kstack.yaml`, else `vault/` of the nearest folder upwards.
 *
 * @param out freed with kstack_string_free; NULL in a pod, which has none.
 * @return KSTACK_OK; KSTACK_ERROR_CONFIGURATION when there is none or it is untrusted; KSTACK_ERROR_IO.
 * @since 0.2.0
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_get_vault_root(const kstack_container *container, char **out,
                                                               kstack_error **error);

/**
 * The active route: which deployment of the system to talk to. It is the variable KSTACK_ROUTE; else, on a
 * developer's machine, `route` of `.kstack.yaml`, for every layer alike; else, in a pod, `active-route` of config map
 * `kstack-route` in the layer's namespace; else development.
 *
 * @param layer such as "layer3".
 * @param out development, testing, staging, production, scratch or data-collection; the short forms dev, test and prod
 *   are given in the long one. Freed with kstack_string_free.
 * @return KSTACK_OK; KSTACK_ERROR_ROUTE for an unknown route; KSTACK_ERROR_CONFIGURATION when
 *   `.kstack.yaml` is malformed or untrusted, or the pod's namespace names no environment; KSTACK_ERROR_CLUSTER_API in
 *   a pod, for every answer but that there is no such config map; KSTACK_ERROR_IO.
 * @since 0.2.0
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_get_active_route(const kstack_container *container, const char *layer,
                                                                 char **out, kstack_error **error);

/* --------------------------------------------------------------------------------------------------- Scopes (any) */

/** Ends the calls of the scopes that were made with it. Owned by the caller until kstack_cancellation_free.
 *  @since 0.2.0 */
typedef struct kstack_cancellation kstack_cancellation;

/** Whether a call is to end. Called every 20 ms or so, on the thread of a call that waits or works for long; true
 * ends that call, and no other, with KSTACK_ERROR_CANCELLED. For languages whose signal handlers run between two steps
 * of the program: this is such a step. It may call the library; but the vault of the call may be locked, and a run over
 * that vault then fails after 30 seconds with KSTACK_ERROR_TIMEOUT. It is not called while identities are read.
 * @since 0.2.0 */
typedef bool (*kstack_is_interrupted_function)(void *context);

/** When the calls of a scope end. Begin with KSTACK_SCOPE_INIT and set what is needed; zero is each field's default.
 *  @since 0.2.0 */
typedef struct kstack_scope {
  /** sizeof(kstack_scope). */
  size_t struct_size;
  /** Milliseconds from when the scope is made until its deadline, for all its calls together; 0: no deadline of its
   *  own. */
  uint32_t timeout_ms;
  /** Ends its calls when it is cancelled; NULL: nothing does. The scope keeps what it needs of it. */
  kstack_cancellation *cancellation;
  /** Called while a call runs; NULL: never. */
  kstack_is_interrupted_function is_interrupted;
  /** Passed to is_interrupted; must be valid for as long as the scope and what was made of it. */
  void *context;
} kstack_scope;

/** No deadline and no cancellation, for `kstack_scope scope = KSTACK_SCOPE_INIT;`.
 *  @since 0.2.0 */
#define KSTACK_SCOPE_INIT \
  { sizeof(kstack_scope), 0, NULL, NULL, NULL }

/**
 * Makes a scope: a light container that shares everything with its parent, and whose calls end early: at the deadline
 * of the scope with KSTACK_ERROR_TIMEOUT, when it is cancelled with KSTACK_ERROR_CANCELLED. So do the calls of vaults
 * opened from it. A scope of a scope also has the deadline and the cancellation of its parent; the earliest counts.
 *
 * What waits (for the API server, before another attempt, for a vault's lock, for a pipe of identities, for another
 * thread that unlocks identities) ends 50 ms later at the most, and so do runs over many or large files, between two
 * pieces of a file. Files that were done by then stay done, the others stay as they were, and the report has them all.
 * Not interrupted are scrypt for a passphrase (a second or so), resolving the name in KUBERNETES_SERVICE_HOST, a file
 * system that hangs, and functions of a kstack_secrets_provider: the call returns what they answer. They may pass the
 * cancellation on to what they wait for. A call that begins when the scope has ended fails at once, before its other
 * arguments are checked. The timeout_ms of kstack_options still counts for requests to the API server.
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
 * Cancels, for good, the calls that run in the scopes of a cancellation and those that begin there later; NULL does
 * nothing. May be called from any thread, any number of times; it only sets a flag, so a signal handler may call it,
 * too. A forked child has a flag of its own: cancelling in one process does nothing in the other.
 *
 * @since 0.2.0
 */
KSTACK_API void kstack_cancellation_cancel(kstack_cancellation *cancellation);

/**
 * Frees a cancellation; NULL does nothing. Scopes made with it live on: cancelled if it was, else never.
 *
 * @since 0.2.0
 */
KSTACK_API void kstack_cancellation_free(kstack_cancellation *cancellation);

/* ------------------------------------------------------------------------------------------ Secrets providers (any) */

/** Where a callback of a kstack_secrets_provider puts its answer. Valid until that callback returns. @since 0.2.0 */
typedef struct kstack_reply kstack_reply;

/**
 * Answers a look-up of credentials in place of the library: puts names and values into `reply` with kstack_reply_set
 * and returns KSTACK_OK, or says why not with kstack_reply_set_error and returns that status. Called on the thread of
 * the call that looks up; see Callbacks above for what it may do.
 *
 * @param context as in kstack_secrets_provider.
 * @param service such as "s3". This and the next two are valid names, and valid pointers until the function returns.
 * @param layer such as "layer3", whatever form the caller used.
 * @param environment NULL where the caller named none.
 * @param reply valid until the function returns.
 * @return KSTACK_OK, or what kstack_reply_set_error returned. An unknown status, or KSTACK_OK without a value, makes
 *   the look-up fail with KSTACK_ERROR_INTERNAL.
 * @since 0.2.0
 */
typedef kstack_status (*kstack_get_credentials_function)(void *context, const char *service, const char *layer,
                                                         const char *environment, kstack_reply *reply);

/** Answers kstack_load_secrets as kstack_get_credentials_function answers look-ups of credentials. @since 0.2.0 */
typedef kstack_status (*kstack_load_secrets_function)(void *context, const char *layer, const char *environment,
                                                      kstack_reply *reply);

/** Takes back a context that the library does not use any more. Called once, on the thread that replaced the provider
 *  or freed the container, or on that of the last running call of its functions if that returns later. @since 0.2.0 */
typedef void (*kstack_release_function)(void *context);

/**
 * A program's own provider of secrets. Begin with KSTACK_SECRETS_PROVIDER_INIT and set what is needed. The library
 * copies it and keeps `context` until it calls `release`.
 *
 * Its functions may also replace the provider or free the container. What they look up with kstack_get_credentials on
 * the same container comes back to them; a second container still has the provider of the library.
 *
 * @since 0.2.0
 */
typedef struct kstack_secrets_provider {
  /** sizeof(kstack_secrets_provider). */
  size_t struct_size;
  /** Passed to the functions unchanged. */
  void *context;
  /** Answers look-ups; must not be NULL. */
  kstack_get_credentials_function get_credentials;
  /** Answers kstack_load_secrets; NULL: no layer has secrets, KSTACK_ERROR_SERVICE_NOT_FOUND. */
  kstack_load_secrets_function load_secrets;
  /** Takes `context` back; NULL: nothing has to be freed. */
  kstack_release_function release;
} kstack_secrets_provider;

/** No functions yet, for `kstack_secrets_provider provider = KSTACK_SECRETS_PROVIDER_INIT;`.
 *  @since 0.2.0 */
#define KSTACK_SECRETS_PROVIDER_INIT \
  { sizeof(kstack_secrets_provider), NULL, NULL, NULL, NULL }

/**
 * Lets functions of the program answer look-ups in place of the library's own provider, in any context: for tests, and
 * for secrets that are kept elsewhere. Vaults are not affected.
 *
 * Running calls keep the provider that they began with. After a failure nothing has changed, and `release` is not
 * called.
 *
 * @param provider copied; NULL: the library's own again.
 * @return KSTACK_OK; KSTACK_ERROR_INVALID_ARGUMENT when `get_credentials` is NULL.
 * @since 0.2.0
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
 * @since 0.2.0
 */
KSTACK_API kstack_status kstack_reply_set(kstack_reply *reply, const char *name, const void *value, size_t size);

/**
 * Says why there is no answer. The look-up fails with this status and this message, whatever was added before; the last
 * call counts. kstack_error_is_retryable is false, and kstack_error_errno is 0. It fails as kstack_reply_set does.
 *
 * @param status one of the errors above, not KSTACK_OK.
 * @param message passed on to the caller of the look-up, so it must hold no secret: cut at 1024 characters and made one
 *   printable line; NULL or empty: one that names the status.
 * @return `status`, for the function to return; KSTACK_ERROR_INVALID_ARGUMENT.
 * @since 0.2.0
 */
KSTACK_API kstack_status kstack_reply_set_error(kstack_reply *reply, kstack_status status, const char *message);

/* ------------------------------------------------------------------------------------------------ Credentials (any) */

/** Names and values, in order. Immutable; owned by the caller until kstack_credentials_free, also beyond the life of
 *  the container. All in locked memory. @since 0.2.0 */
typedef struct kstack_credentials kstack_credentials;

/**
 * Gets the credentials of a service, for where the process runs.
 *
 * On a developer's machine they are the mapping `service` in `vault/<environment>/<layer>/cloud-credentials.yaml`; from
 * the plaintext where it exists, else from `secret.cloud-credentials.yaml`, decrypted in memory: nothing is written.
 *
 * In a pod they are the files in `/var/run/secrets/kstack/<layer>-<service>-credentials/` where that folder is mounted,
 * else Secret `<layer>-<service>-credentials` in the pod's namespace, asked for at every call; their bytes as they are.
 *
 * @param service such as "s3".
 * @param layer such as "layer3".
 * @param environment NULL: the one that kstack_get_environment gives.
 * @param out the credentials, owned by the caller.
 * @return KSTACK_OK; KSTACK_ERROR_CONFIGURATION (no environment, no vault, malformed YAML, untrusted files);
 *   KSTACK_ERROR_SERVICE_NOT_FOUND, also when the entry of that name is empty or not a mapping; KSTACK_ERROR_VAULT (no
 *   identity fits, damaged or forged); KSTACK_ERROR_IO; in a pod also KSTACK_ERROR_CONFIGURATION (another environment
 *   than the pod's, no service account) and KSTACK_ERROR_CLUSTER_API.
 * @since 0.2.0
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_get_credentials(const kstack_container *container, const char *service,
                                                                const char *layer, const char *environment,
                                                                kstack_credentials **out, kstack_error **error);

/**
 * Gets all secrets that a layer may see, as one set of credentials.
 *
 * On a developer's machine they are the keys of every `*.yaml` in `vault/<environment>/<layer>/`, and of every one in
 * the folder of another layer whose list `shared_with` names the layer; of the plaintext where it exists, else of
 * `secret.*.yaml`, decrypted in memory. `cloud-credentials.yaml` is not among them, and `shared_with`, `description`,
 * `created`, `status` and `migration` are not secrets. A key of the layer's own files wins over the same key of others.
 * A file of another layer that no identity opens is ignored, and logged. Own files come first, each in the order of its
 * keys. In a pod they are the values of Secret `<layer>-secrets` in its namespace.
 *
 * @param layer such as "layer3".
 * @param environment NULL: the one that kstack_get_environment gives.
 * @param out the secrets, owned by the caller; on a developer's machine every value is a string.
 * @return KSTACK_OK; KSTACK_ERROR_SERVICE_NOT_FOUND when there is none; KSTACK_ERROR_CONFIGURATION (a nested value; a
 *   key that two own files have, or two of other layers and no own one: the message names both; `shared_with` that is
 *   not a list of layers; no environment, no vault, malformed YAML, untrusted files); KSTACK_ERROR_VAULT (no identity
 *   opens an own file, or a file is damaged or forged); KSTACK_ERROR_CLUSTER_API in a pod; KSTACK_ERROR_IO.
 * @since 0.2.0
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_load_secrets(const kstack_container *container, const char *layer,
                                                             const char *environment, kstack_credentials **out,
                                                             kstack_error **error);

/**
 * Finds the cloud provider that serves a layer, the address of its service, and the credentials for it.
 *
 * The provider is `deployment_targets.<layer>.provider` of `environments/<environment>.yaml`; what it is, and where its
 * services are, is in `providers/<provider>.yaml`; both are below kstack_get_config_root. Its credentials are
 * `providers.<provider>` in the layer's `cloud-credentials.yaml`, or, where that is not there and the provider is the
 * layer's own, those of the service. Where nothing is configured at all, the credentials of the service say where it is
 * by `endpoint_url` or `region`. In a pod the files are the keys `<name>.yaml` of the config maps `kstack-environments`
 * and `kstack-providers` in its namespace, and the credentials those of kstack_get_credentials for the service, or,
 * where `provider` is another than the configuration's, for a service named after it. Strings of the provider's file
 * may hold `{{layer.namespace}}`, `{{layer.number}}`, `{{layer.name}}` and `{{environment}}`. docs/providers.md shows
 * the files.
 *
 * @param service such as "s3".
 * @param layer "layer1" or "layer3": the others have no cloud services.
 * @param environment NULL: the one that kstack_get_environment gives.
 * @param provider NULL: the one of the configuration. Another one needs `allow_provider_override: true` in the
 *   environment's file.
 * @param out owned by the caller. Its names are, in this order: provider, family, implementation, region, endpoint_url,
 *   presigned_url_domain, verify_ssl ("true" or "false"), then the credentials, then what else the service's entry
 *   holds. What is not configured is left out, except verify_ssl, which is "true" then.
 * @return KSTACK_OK; KSTACK_ERROR_LAYER_ACCESS for a layer without cloud services; KSTACK_ERROR_CONFIGURATION when a
 *   file is missing or invalid (the message lists everything that is wrong with it), when another provider is not
 *   allowed, when a credential is named provider, family or implementation, or names another region, endpoint_url,
 *   presigned_url_domain or verify_ssl than the provider's file; KSTACK_ERROR_SERVICE_NOT_FOUND when the provider does
 *   not have the service, or there are no credentials for it; KSTACK_ERROR_VAULT; KSTACK_ERROR_CLUSTER_API in a pod;
 *   KSTACK_ERROR_IO.
 * @since 0.2.0
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_resolve_service(const kstack_container *container, const char *service,
                                                                const char *layer, const char *environment,
                                                                const char *provider, kstack_credentials **out,
                                                                kstack_error **error);

/**
 * Gets the credentials of a service as the AWS SDKs take them from a program: the JSON of `credential_process`,
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
 * @since 0.2.0
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_aws_credential_process(const kstack_container *container,
                                                                       const char *service, const char *layer,
                                                                       const char *environment, char **out,
                                                                       kstack_error **error);

/**
 * Gets the AWS keys among credentials, also those of a resolved service, under the names of the AWS SDKs: AccessKeyId,
 * SecretAccessKey and, where they are there and not empty, SessionToken and Expiration. The rule is that of
 * kstack_aws_credential_process.
 *
 * @param out new credentials, owned by the caller.
 * @return KSTACK_OK; KSTACK_ERROR_CONFIGURATION as kstack_aws_credential_process.
 * @since 0.2.0
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_credentials_aws_keys(const kstack_credentials *credentials,
                                                                     kstack_credentials **out, kstack_error **error);

/**
 * Gets credentials as environment variables, in the same order: a name is in upper case, with `_` for `-`.
 *
 * @param out new credentials, owned by the caller: their names are those of the variables.
 * @return KSTACK_OK; KSTACK_ERROR_CONFIGURATION for a name that no variable can have (ASCII letters, digits, `_` and
 *   `-`, not first a digit or `-`), a value with a NUL, two names of one variable, and a variable by which programs are
 *   made to run code, such as PATH or LD_PRELOAD; docs/layer-secrets.md lists those.
 * @since 0.2.0
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_credentials_environ(const kstack_credentials *credentials,
                                                                    kstack_credentials **out, kstack_error **error);

/** How many values there are; 0 for NULL. @since 0.2.0 */
KSTACK_API size_t kstack_credentials_count(const kstack_credentials *credentials);

/** The name at an index, in the order of the source; NULL past the end or for NULL. Valid until the credentials are
 *  freed. @since 0.2.0 */
KSTACK_API const char *kstack_credentials_name(const kstack_credentials *credentials, size_t index);

/**
 * The value at an index: its bytes, with a NUL after them that does not count. A scalar is its text exactly as written,
 * null is the empty string, a nested value is its JSON text.
 *
 * @param size where the length in bytes goes; may be NULL. Set to 0 where NULL is returned.
 * @return NULL past the end or for NULL credentials. Valid until the credentials are freed.
 * @since 0.2.0
 */
KSTACK_API const void *kstack_credentials_value(const kstack_credentials *credentials, size_t index, size_t *size);

/**
 * The value of a name as a string. Use kstack_credentials_get_bytes for values that may hold a NUL.
 *
 * @return NULL where no value has that name, its value holds a NUL (a string would end there), or an argument is NULL.
 *   Valid until the credentials are freed.
 * @since 0.2.0
 */
KSTACK_API const char *kstack_credentials_get(const kstack_credentials *credentials, const char *name);

/**
 * The value of a name: its bytes, as kstack_credentials_value gives them.
 *
 * @param size where the length in bytes goes; may be NULL. Set to 0 where NULL is returned.
 * @return NULL where no value has that name, or credentials or name are NULL. Valid until the credentials are freed.
 * @since 0.2.0
 */
KSTACK_API const void *kstack_credentials_get_bytes(const kstack_credentials *credentials, const char *name,
                                                    size_t *size);

/** The whole tree as one JSON object, every scalar a string; NULL where a value is not UTF-8, or for NULL. Valid until
 *  the credentials are freed. @since 0.2.0 */
KSTACK_API const char *kstack_credentials_json(const kstack_credentials *credentials);

/** Where the credentials are from: the path of the file or the mounted folder, the Secret with its resourceVersion, or
 *  the program's own provider; NULL for NULL. Valid until the credentials are freed. @since 0.2.0 */
KSTACK_API const char *kstack_credentials_source(const kstack_credentials *credentials);

/** Wipes and frees credentials and all that was lent from them; NULL does nothing. @since 0.2.0 */
KSTACK_API void kstack_credentials_free(kstack_credentials *credentials);

/* --------------------------------------------------------------------------------------------------- Vaults (local) */

/** The vault of one environment. Owned by the caller until kstack_vault_free; for many threads. It keeps alive what it
 *  needs of its container, which may be freed first. @since 0.2.0 */
typedef struct kstack_vault kstack_vault;

/** Which files of a vault to list. @since 0.2.0 */
typedef int32_t kstack_vault_files;

/** Plaintext files. */
#define KSTACK_VAULT_FILES_DECRYPTED ((kstack_vault_files)0)
/** Encrypted files, `secret.<name>`. */
#define KSTACK_VAULT_FILES_ENCRYPTED ((kstack_vault_files)1)

/**
 * Opens the vault of an environment.
 *
 * @param environment NULL: the one that kstack_get_environment gives.
 * @param out the vault, owned by the caller; it keeps what it needs of the container alive.
 * @return KSTACK_OK; KSTACK_ERROR_ENVIRONMENT in a pod; KSTACK_ERROR_CONFIGURATION when there is no vault or no such
 *   environment in it, or it is untrusted; KSTACK_ERROR_IO.
 * @since 0.2.0
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_vault_open(const kstack_container *container, const char *environment,
                                                           kstack_vault **out, kstack_error **error);

/** Closes a vault; NULL does nothing. Nothing in the file system changes. @since 0.2.0 */
KSTACK_API void kstack_vault_free(kstack_vault *vault);

/**
 * Makes a scope of an open vault, as kstack_container_scope does of a container: the same vault, whose calls end early.
 *
 * @param scope must not be NULL.
 * @param out the scope, owned by the caller; freed with kstack_vault_free, before or after its parent.
 * @return KSTACK_OK; KSTACK_ERROR_TIMEOUT and KSTACK_ERROR_CANCELLED where `vault` is of a scope that has ended;
 *   KSTACK_ERROR_ENVIRONMENT in a pod.
 * @since 0.2.0
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_vault_scope(kstack_vault *vault, const kstack_scope *scope,
                                                            kstack_vault **out, kstack_error **error);

/** The absolute path of the vault's folder; NULL for NULL. Valid until the vault is freed. @since 0.2.0 */
KSTACK_API const char *kstack_vault_path(const kstack_vault *vault);

/** The environment of a vault; NULL for NULL. Valid until the vault is freed. @since 0.2.0 */
KSTACK_API const char *kstack_vault_environment(const kstack_vault *vault);

/**
 * Whether some encrypted file of the vault lacks its plaintext; false for a vault without encrypted files.
 *
 * @return KSTACK_OK; KSTACK_ERROR_ENVIRONMENT in a pod; KSTACK_ERROR_CONFIGURATION (a link in the vault, or untrusted
 *   files); KSTACK_ERROR_IO.
 * @since 0.2.0
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_vault_is_encrypted(const kstack_vault *vault, bool *out,
                                                                   kstack_error **error);

/**
 * The absolute path of a decrypted file.
 *
 * @param filename the plaintext name.
 * @param out freed with kstack_string_free.
 * @return KSTACK_OK; KSTACK_ERROR_ENVIRONMENT in a pod; KSTACK_ERROR_SERVICE_NOT_FOUND when there is no such file, or
 *   only its encrypted form, and then the message says so; KSTACK_ERROR_CONFIGURATION; KSTACK_ERROR_IO.
 * @since 0.2.0
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_vault_get_file(const kstack_vault *vault, const char *layer,
                                                               const char *filename, char **out, kstack_error **error);

/**
 * Lists files of a vault, as sorted paths relative to it such as "layer3/secret.cloud-credentials.yaml".
 *
 * @param layer NULL: all four.
 * @param which KSTACK_VAULT_FILES_DECRYPTED or KSTACK_VAULT_FILES_ENCRYPTED.
 * @param out the list, owned by the caller; it may be empty.
 * @return KSTACK_OK; KSTACK_ERROR_ENVIRONMENT in a pod; KSTACK_ERROR_CONFIGURATION; KSTACK_ERROR_IO.
 * @since 0.2.0
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_vault_list(const kstack_vault *vault, const char *layer,
                                                           kstack_vault_files which, kstack_string_list **out,
                                                           kstack_error **error);

/**
 * Lists the environments that have a vault, sorted.
 *
 * @param out the list, owned by the caller; it may be empty.
 * @return KSTACK_OK; KSTACK_ERROR_ENVIRONMENT in a pod; KSTACK_ERROR_CONFIGURATION when there is no vault;
 *   KSTACK_ERROR_IO.
 * @since 0.2.0
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_list_environments(const kstack_container *container,
                                                                  kstack_string_list **out, kstack_error **error);

/**
 * Lists the services that a layer has credentials for, in the order of the file. `providers`, which holds the
 * credentials of cloud providers, is not a service.
 *
 * @param environment NULL: the one that kstack_get_environment gives.
 * @param out the list, owned by the caller.
 * @return as kstack_get_credentials; KSTACK_ERROR_ENVIRONMENT in a pod.
 * @since 0.2.0
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_list_services(const kstack_container *container, const char *layer,
                                                              const char *environment, kstack_string_list **out,
                                                              kstack_error **error);

/* ---------------------------------------------------------------------------------------- Runs over a vault (local) */

/** For kstack_vault_options.flags: the source wins over a target that differs. */
#define KSTACK_VAULT_OVERWRITE ((uint32_t)1)
/** For kstack_vault_options.flags of kstack_vault_rekey: nothing is written, stale files are reported. */
#define KSTACK_VAULT_CHECK ((uint32_t)2)

/** How a run over a vault goes. Begin with KSTACK_VAULT_OPTIONS_INIT and set what is needed. The library keeps no
 *  pointer of it. @since 0.2.0 */
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

/** All defaults, for `kstack_vault_options options = KSTACK_VAULT_OPTIONS_INIT;`. @since 0.2.0 */
#define KSTACK_VAULT_OPTIONS_INIT \
  { sizeof(kstack_vault_options), NULL, NULL, 0, 0 }

/** The result for one file of a vault. @since 0.2.0 */
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

/** Of kstack_vault_report_flags: one of the caller's identities opens the encrypted form. */
#define KSTACK_VAULT_FILE_READABLE ((uint32_t)1)
/** Of kstack_vault_report_flags: it says that it is written for the recipients that its team has now. */
#define KSTACK_VAULT_FILE_CURRENT ((uint32_t)2)
/** Of kstack_vault_report_flags, only by kstack_vault_status: it is written for post-quantum recipients and no others.
 */
#define KSTACK_VAULT_FILE_POST_QUANTUM ((uint32_t)4)

/** The result for each file of a run. Immutable; owned by the caller until kstack_vault_report_free. @since 0.2.0 */
typedef struct kstack_vault_report kstack_vault_report;

/**
 * Writes the plaintext of the vault's files next to them, mode 0600. A file that fails does not stop the others. A
 * plaintext that was not edited since it was decrypted is replaced by what is newer; an edited one is a conflict and
 * stays, unless KSTACK_VAULT_OVERWRITE is set.
 *
 * @param options may be NULL: all files, no flags.
 * @param report may be NULL; filled on failure too, where the run began.
 * @return KSTACK_OK when every file succeeded; else the status of the first file that did not: KSTACK_ERROR_CONFLICT,
 *   KSTACK_ERROR_VAULT, KSTACK_ERROR_IO, KSTACK_ERROR_CONFIGURATION, KSTACK_ERROR_SERVICE_NOT_FOUND for a path in
 *   `files` that is not there; KSTACK_ERROR_TIMEOUT when somebody else holds the vault's lock for 30 seconds;
 *   KSTACK_ERROR_ENVIRONMENT in a pod.
 * @since 0.2.0
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_vault_decrypt(kstack_vault *vault, const kstack_vault_options *options,
                                                              kstack_vault_report **report, kstack_error **error);

/**
 * Encrypts the vault's plaintext files for a team and removes them. A plaintext that was not edited since it was
 * decrypted is only removed: its encrypted form stays, even one that somebody else made since. What was written is read
 * back whole before a plaintext goes. A file that fails does not stop the others. Where plaintext and encrypted form
 * both changed, or it is not known which is newer, that is a conflict and both stay, unless KSTACK_VAULT_OVERWRITE is
 * set and the plaintext wins.
 *
 * @param options may be NULL: all files, the default team, no flags. The recipients of a team are the lines of
 *   `vault/<environment>/.recipients/<team>.txt`, else of `vault/.recipients/<team>.txt`.
 * @param report may be NULL; filled on failure too, where the run began.
 * @return as kstack_vault_decrypt; KSTACK_ERROR_CONFIGURATION also when the team has no recipients, or a file was
 *   written for another team; KSTACK_ERROR_VAULT also when none of the caller's identities could read the result.
 * @since 0.2.0
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_vault_encrypt(kstack_vault *vault, const kstack_vault_options *options,
                                                              kstack_vault_report **report, kstack_error **error);

/**
 * Re-encrypts every file that is written for other recipients than its team has now, from ciphertext to ciphertext in
 * memory, with a new file key. Plaintexts are not touched, and nobody gets a conflict because somebody else rekeyed.
 * What was written is read back whole before it replaces what was there. A file that fails does not stop the others.
 *
 * A file says for which team it is; one of another program says nothing, counts for the team of `options`, and is
 * always stale. Whoever could read a file before can still read what git has of it: change the secrets that they knew.
 *
 * @param options may be NULL: all files, the default team, no flags. With KSTACK_VAULT_CHECK nothing is written and no
 *   lock is taken: a file that would be re-encrypted is KSTACK_VAULT_STALE.
 * @param report may be NULL; filled on failure too, where the run began.
 * @return KSTACK_OK, also where files are stale; else as kstack_vault_encrypt.
 * @since 0.2.0
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_vault_rekey(kstack_vault *vault, const kstack_vault_options *options,
                                                            kstack_vault_report **report, kstack_error **error);

/**
 * Reports in which forms each file exists: KSTACK_VAULT_ENCRYPTED, _DECRYPTED, _EDITED, _IN_CLEAR, or _CONFLICT where
 * both forms changed or it is not known which is newer; kstack_vault_report_flags says whether one of the caller's
 * identities opens it, and whether it is written for the recipients that its team has now. Changes nothing, takes no
 * lock, and needs no identity: without one no file is readable. (The vault is not `const`, so that all runs have one
 * type.)
 *
 * @param options may be NULL: all files, the default team; flags must be 0.
 * @param report may be NULL; filled on failure too.
 * @return KSTACK_OK, whatever the files are; else the status of the first file that could not be checked
 *   (KSTACK_VAULT_FAILED), or that is where no vault file belongs: KSTACK_ERROR_CONFIGURATION, KSTACK_ERROR_IO,
 *   KSTACK_ERROR_SERVICE_NOT_FOUND for a path in `files` that is not there; KSTACK_ERROR_ENVIRONMENT in a pod.
 * @since 0.2.0
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_vault_status(kstack_vault *vault, const kstack_vault_options *options,
                                                             kstack_vault_report **report, kstack_error **error);

/** How many files a report has; 0 for NULL. @since 0.2.0 */
KSTACK_API size_t kstack_vault_report_count(const kstack_vault_report *report);

/** The path of a file's plaintext, relative to the vault; NULL past the end or for NULL. Valid until the report is
 *  freed. @since 0.2.0 */
KSTACK_API const char *kstack_vault_report_path(const kstack_vault_report *report, size_t index);

/** The result for a file; KSTACK_VAULT_FAILED past the end or for NULL. @since 0.2.0 */
KSTACK_API kstack_vault_result kstack_vault_report_result(const kstack_vault_report *report, size_t index);

/** The reason for a conflict or a failure; else a note, such as that recipients have changed, or "". NULL past the end
 *  or for NULL. Valid until the report is freed. @since 0.2.0 */
KSTACK_API const char *kstack_vault_report_message(const kstack_vault_report *report, size_t index);

/** What kstack_vault_status or kstack_vault_rekey found out about a file: KSTACK_VAULT_FILE_READABLE and
 *  KSTACK_VAULT_FILE_CURRENT and KSTACK_VAULT_FILE_POST_QUANTUM, combined with |; 0 past the end or for NULL. @since
 * 0.2.0 */
KSTACK_API uint32_t kstack_vault_report_flags(const kstack_vault_report *report, size_t index);

/** Frees a report and its strings; NULL does nothing. @since 0.2.0 */
KSTACK_API void kstack_vault_report_free(kstack_vault_report *report);

/* ------------------------------------------------------------------------------------ Vault files in memory (local) */

/** The content of one file of a vault, in locked memory. Immutable; owned by the caller until kstack_secret_free.
 *  @since 0.2.0 */
typedef struct kstack_secret kstack_secret;

/**
 * Decrypts one file in memory; nothing is written. Files of more than 64 MiB are refused: decrypt them to disk.
 *
 * @param layer such as "layer3".
 * @param filename the plaintext name, such as "cloud-credentials.yaml"; the file read is `secret.<filename>`.
 * @param out the content, owned by the caller.
 * @return KSTACK_OK; KSTACK_ERROR_ENVIRONMENT in a pod; KSTACK_ERROR_SERVICE_NOT_FOUND; KSTACK_ERROR_VAULT;
 *   KSTACK_ERROR_CONFIGURATION; KSTACK_ERROR_IO.
 * @since 0.2.0
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_vault_read(const kstack_vault *vault, const char *layer,
                                                           const char *filename, kstack_secret **out,
                                                           kstack_error **error);

/**
 * Encrypts one file from memory for a team; no plaintext touches the disk. It replaces the encrypted file of that name;
 * a plaintext next to it stays as it is.
 *
 * @param layer such as "layer3"; its folder is created if it is missing.
 * @param filename the plaintext name; the file written is `secret.<filename>`.
 * @param data the content; may be NULL when `size` is 0.
 * @param size its length in bytes.
 * @param team NULL: the default team.
 * @return KSTACK_OK; KSTACK_ERROR_ENVIRONMENT in a pod; KSTACK_ERROR_CONFIGURATION when the team has no recipients, or
 *   the file was written for another team; KSTACK_ERROR_VAULT when none of the caller's identities could read the
 *   result; KSTACK_ERROR_CONFLICT when the file changed meanwhile; KSTACK_ERROR_TIMEOUT when somebody else holds the
 *   vault's lock for 30 seconds; KSTACK_ERROR_IO.
 * @since 0.2.0
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_vault_write(kstack_vault *vault, const char *layer,
                                                            const char *filename, const void *data, size_t size,
                                                            const char *team, kstack_error **error);

/** The bytes of a secret, with a NUL after them that does not count; NULL for NULL. Valid until the secret is freed.
 *  @since 0.2.0 */
KSTACK_API const void *kstack_secret_data(const kstack_secret *secret);

/** The length of a secret in bytes; 0 for NULL. @since 0.2.0 */
KSTACK_API size_t kstack_secret_size(const kstack_secret *secret);

/** Wipes and frees a secret; NULL does nothing. @since 0.2.0 */
KSTACK_API void kstack_secret_free(kstack_secret *secret);

/* ----------------------------------------------------------------------------------------------- Identities (local) */

/**
 * Makes a new age identity, as age-keygen does.
 *
 * @param identity the secret half, "AGE-SECRET-KEY-1…"; freed with kstack_string_free.
 * @param recipient the public half, "age1…"; freed with kstack_string_free.
 * @return KSTACK_OK; KSTACK_ERROR_ENVIRONMENT in a pod.
 * @since 0.2.0
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_identity_generate(char **identity, char **recipient,
                                                                  kstack_error **error);

/**
 * Makes a new post-quantum age identity, as age-keygen -pq does: what is encrypted for it alone stays secret from
 * quantum computers, too. One file of identities may hold both kinds; a file is never encrypted for recipients of both.
 *
 * @param identity the secret half, "AGE-SECRET-KEY-PQ-1…"; freed with kstack_string_free.
 * @param recipient the public half, "age1pq1…", 1,959 characters; freed with kstack_string_free.
 * @return KSTACK_OK; KSTACK_ERROR_ENVIRONMENT in a pod; KSTACK_ERROR_CONFIGURATION where the library was built without
 *   post-quantum support.
 * @since 0.2.0
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_identity_generate_post_quantum(char **identity, char **recipient,
                                                                               kstack_error **error);

/* --------------------------------------------------------------------------------- Config maps and routes (cluster) */

/**
 * Gets the value of a key of a config map, in the layer's namespace: the pod's own namespace for its own layer, else
 * that of the other layer in the same environment. Binary values and those with a NUL are refused.
 *
 * @param layer such as "layer3".
 * @param name the config map's: lower-case letters, digits, hyphens and dots, at most 253.
 * @param key letters, digits, '-', '.' and '_', at most 253.
 * @param out freed with kstack_string_free.
 * @return KSTACK_OK; KSTACK_ERROR_ENVIRONMENT outside of a pod; KSTACK_ERROR_SERVICE_NOT_FOUND when there is no such
 *   config map, or no such key in it, and then the message lists the keys; KSTACK_ERROR_CLUSTER_API;
 *   KSTACK_ERROR_CONFIGURATION (no service account, a namespace of another shape, a binary value); KSTACK_ERROR_IO.
 * @since 0.2.0
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_configmap_get(const kstack_container *container, const char *layer,
                                                              const char *name, const char *key, char **out,
                                                              kstack_error **error);

/**
 * Makes a route the active one of a layer: writes it, in its long form, as `active-route` into config map
 * `kstack-route` in the layer's namespace. The config map must exist. Where the answer of the API server is lost, the
 * route is read back, and written again only if the change was not made.
 *
 * @param layer such as "layer3".
 * @param route development, testing, staging, production, scratch or data-collection, or dev, test or prod.
 * @return KSTACK_OK; KSTACK_ERROR_ENVIRONMENT outside of a pod; KSTACK_ERROR_ROUTE for an unknown route, before
 *   anything is sent; KSTACK_ERROR_SERVICE_NOT_FOUND when there is no such config map; KSTACK_ERROR_CLUSTER_API;
 *   KSTACK_ERROR_CONFIGURATION; KSTACK_ERROR_IO.
 * @since 0.2.0
 */
KSTACK_API KSTACK_MUST_USE kstack_status kstack_set_active_route(kstack_container *container, const char *layer,
                                                                 const char *route, kstack_error **error);

#ifdef __cplusplus
}
#endif

#endif /* KSTACK_H */
