#include "CHost.h"

static __thread void *object;

void *chost_thread_object(void) {
  return object;
}

void chost_set_thread_object(void *given) {
  object = given;
}
