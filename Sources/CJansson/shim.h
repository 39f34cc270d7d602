#include <errno.h>
#include <jansson.h>

/* jansson calls some texts malformed for which there was no memory. */
static inline void cjansson_forget_memory(void) {
  errno = 0;
}

static inline int cjansson_lacked_memory(void) {
  return errno == ENOMEM;
}
