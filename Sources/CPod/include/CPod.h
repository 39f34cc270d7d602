/* The signs of a pod, seen before the program can change them, which only a constructor of C can. */
#ifndef CPOD_H
#define CPOD_H

#include <stdbool.h>

/* The state of the service account's token. */
enum cpod_token { CPOD_TOKEN_ABSENT, CPOD_TOKEN_PRESENT, CPOD_TOKEN_UNREADABLE };

/* The signs of a pod that were found when the library was loaded. */
struct cpod_signs {
  enum cpod_token token;
  /* KUBERNETES_SERVICE_HOST was set and not empty. */
  bool has_service_host;
  /* The first line of /etc/hosts is the one that kubelet writes into every pod. */
  bool has_managed_hosts;
};

struct cpod_signs cpod_signs(void);

#endif
