/* What a guest in another program's process needs and Swift cannot say. */
#ifndef CHOST_H
#define CHOST_H

#include <stdbool.h>

/* What looking at the service account's token gave. */
enum chost_token { CHOST_TOKEN_ABSENT, CHOST_TOKEN_PRESENT, CHOST_TOKEN_UNREADABLE };

/* What was seen of a pod when the library was loaded. */
struct chost_signs {
  enum chost_token token;
  /* KUBERNETES_SERVICE_HOST was set and not empty. */
  bool has_service_host;
};

struct chost_signs chost_signs(void);

/* The library's one lock, for moments only; a fork waits for it. */
void chost_lock(void);
void chost_unlock(void);

/*
 * Around code of other libraries that has locks of its own and does not wait: a fork waits for its end, so that no
 * child finds such a lock held for ever. Not to be nested; the lock above may be taken inside.
 */
void chost_begin_step(void);
void chost_end_step(void);

/* Renames a file within a folder unless something has the new name (EEXIST); -1 and errno on failure. */
int chost_rename_new(int folder, const char *from, const char *to);

/* Lets two files of a folder change names, at once; -1 and errno on failure. */
int chost_exchange(int folder, const char *one, const char *other);

/* Clears the registers that a call may change, but for what it returns. */
void chost_clear_registers(void);

#endif
