#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "CHost.h"

static struct chost_signs signs;

static enum chost_token look_at_token(void) {
  struct stat status;
  if (lstat("/var/run/secrets/kubernetes.io/serviceaccount/token", &status) == 0) return CHOST_TOKEN_PRESENT;
  return errno == ENOENT || errno == ENOTDIR ? CHOST_TOKEN_ABSENT : CHOST_TOKEN_UNREADABLE;
}

/* Shells of cron, su and sudo clean the variables; this file stays. */
static bool look_at_hosts(void) {
  static const char expected[] = "# Kubernetes-managed hosts file";
  char line[sizeof expected - 1];
  int file = open("/etc/hosts", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (file == -1) return false;
  size_t length = 0;
  while (length < sizeof line) {
    ssize_t count = read(file, line + length, sizeof line - length);
    if (count == -1 && errno == EINTR) continue;
    if (count <= 0) break;
    length += (size_t)count;
  }
  close(file);
  return length == sizeof line && memcmp(line, expected, sizeof line) == 0;
}

/* Runs when the library is loaded: later changes of the variable or the file have no effect. */
__attribute__((constructor)) static void look(void) {
  int saved = errno;
  const char *host = getenv("KUBERNETES_SERVICE_HOST");
  signs.token = look_at_token();
  signs.has_service_host = host != NULL && host[0] != '\0';
  signs.has_managed_hosts = look_at_hosts();
  errno = saved;
}

struct chost_signs chost_signs(void) {
  return signs;
}
