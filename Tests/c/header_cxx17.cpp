// The header alone, in C++17: it includes what it needs, and its functions have C names.
#include <kstack.h>
// Once more.
#include <kstack.h>

static_assert(sizeof(kstack_status) == 4);
static_assert(KSTACK_ERROR_CONFLICT == 11);
static_assert(offsetof(kstack_options, struct_size) == 0);

static const kstack_options options = KSTACK_OPTIONS_INIT;
static const kstack_vault_options vault_options = KSTACK_VAULT_OPTIONS_INIT;
static const kstack_scope scope = KSTACK_SCOPE_INIT;
static const kstack_secrets_provider provider = KSTACK_SECRETS_PROVIDER_INIT;

extern "C" const char *kstack_version(void);

KSTACK_DEPRECATED("version") const char *old_version();

const char *version();
const char *version() {
  bool all_sized =
      options.struct_size > 0 && vault_options.struct_size > 0 && scope.struct_size > 0 && provider.struct_size > 0;
  return all_sized ? kstack_version() : nullptr;
}
