#include <errno.h>
#include <jansson.h>

/* jansson reports some texts as malformed when it has no memory. */
static inline void cjansson_forget_memory(void) {
  errno = 0;
}

static inline int cjansson_lacked_memory(void) {
  return errno == ENOMEM;
}
