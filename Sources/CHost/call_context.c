#include "CHost.h"

static __thread void *context;

void *chost_call_context(void) {
  return context;
}

void chost_set_call_context(void *given) {
  context = given;
}
