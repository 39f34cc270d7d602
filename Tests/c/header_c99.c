/* The header alone, in C99: it includes what it needs, and may be included twice. */
#include <kstack.h>
/* Once more. */
#include <kstack.h>

/* The types have the sizes that the bindings count on. */
typedef char status_is_32_bits[sizeof(kstack_status) == 4 ? 1 : -1];
typedef char layer_is_32_bits[sizeof(kstack_layer) == 4 ? 1 : -1];
typedef char options_begin_with_their_size[offsetof(kstack_options, struct_size) == 0 ? 1 : -1];
typedef char vault_options_begin_with_their_size[offsetof(kstack_vault_options, struct_size) == 0 ? 1 : -1];

/* Constants work where C needs constants. */
int name_of(kstack_status status);
int name_of(kstack_status status) {
  switch (status) {
    case KSTACK_OK:
      return 0;
    case KSTACK_ERROR_CONFLICT:
    case KSTACK_ERROR_TIMEOUT:
    case KSTACK_ERROR_CANCELLED:
      return 1;
    default:
      return 2;
  }
}

/* The number is one that the preprocessor compares. */
#if KSTACK_VERSION_NUMBER < 200
#error "the version of this header is 0.2.0 or later"
#endif

/* A deprecated function may still be declared, and compiles where it is not used. */
KSTACK_DEPRECATED("name_of") int old_name_of(kstack_status status);

/* All fields are named, so that -Wmissing-field-initializers does not warn. */
const kstack_options options = KSTACK_OPTIONS_INIT;
const kstack_vault_options vault_options = KSTACK_VAULT_OPTIONS_INIT;
const kstack_scope scope = KSTACK_SCOPE_INIT;
const kstack_secrets_provider provider = KSTACK_SECRETS_PROVIDER_INIT;
