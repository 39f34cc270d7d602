#include <pthread.h>

#include "CHost.h"

/*
 * The library's one lock. A fork waits for it, so that a child never finds what it protects half changed, nor held by
 * a thread that is not there any more. Recursive: giving back what is protected may run code that takes it again.
 */
static pthread_mutex_t lock;

static void initialize(void) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
  pthread_mutex_init(&lock, &attributes);
  pthread_mutexattr_destroy(&attributes);
}

void chost_lock(void) {
  pthread_mutex_lock(&lock);
}

void chost_unlock(void) {
  pthread_mutex_unlock(&lock);
}

__attribute__((constructor)) static void prepare(void) {
  initialize();
  /* In the child the owner has another thread id, so the lock is not released there but made anew. */
  pthread_atfork(chost_lock, chost_unlock, initialize);
}
