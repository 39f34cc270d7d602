/*
 * What stays out of the static Swift runtime: the linker takes these definitions in place of its own, and leaves out
 * what only those need.
 */
#include <stdbool.h>
#include <stdint.h>

/*
 * Backtraces: where SWIFT_ROOT or SWIFT_BACKTRACE say so, they install handlers for fatal signals when the runtime is
 * loaded, and those signals belong to the host. The runtime refers to them in two places. Its start-up code calls this
 * function, for which no name is a thunk. Its code for fatal errors reads their settings, a structure that is smaller
 * than this array and whose zeros mean "off".
 */
bool _swift_backtrace_isThunkFunction(const char *name);
extern char _swift_backtraceSettings[256];

_Alignas(16) char _swift_backtraceSettings[256];

bool _swift_backtrace_isThunkFunction(const char *name) {
  (void)name;
  return false;
}

/*
 * The names of all characters, half a megabyte, which nobody asks for. With --wrap=_swift_stdlib_getScalarName, as in a
 * release build. The result is the length of the name.
 */
intptr_t __wrap__swift_stdlib_getScalarName(uint32_t scalar, uint8_t *buffer, intptr_t capacity);

intptr_t __wrap__swift_stdlib_getScalarName(uint32_t scalar, uint8_t *buffer, intptr_t capacity) {
  (void)scalar;
  (void)buffer;
  (void)capacity;
  return 0;
}
