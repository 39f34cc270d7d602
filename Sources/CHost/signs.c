#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "CHost.h"

static struct chost_signs signs;

static enum chost_token look_at_token(void) {
  struct stat status;
  if (lstat("/var/run/secrets/kubernetes.io/serviceaccount/token", &status) == 0) return CHOST_TOKEN_PRESENT;
  return errno == ENOENT || errno == ENOTDIR ? CHOST_TOKEN_ABSENT : CHOST_TOKEN_UNREADABLE;
}

/* Runs when the library is loaded: what happens to the variable or to the file later changes nothing. */
__attribute__((constructor)) static void look(void) {
  int saved = errno;
  const char *host = getenv("KUBERNETES_SERVICE_HOST");
  signs.token = look_at_token();
  signs.has_service_host = host != NULL && host[0] != '\0';
  errno = saved;
}

struct chost_signs chost_signs(void) {
  return signs;
}
