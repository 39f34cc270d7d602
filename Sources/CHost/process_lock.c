#define _GNU_SOURCE
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

/*
 * What is held while code of other libraries runs that has locks of its own, as OpenSSL has: by any number of threads
 * at once, and by none while the process forks. A fork that waits comes before those who would hold it anew.
 */
static const pthread_rwlock_t nobody = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
static pthread_rwlock_t steps;

void chost_begin_step(void) {
  pthread_rwlock_rdlock(&steps);
}

void chost_end_step(void) {
  pthread_rwlock_unlock(&steps);
}

/* In this order, since a step may take the lock. */
static void before_fork(void) {
  pthread_rwlock_wrlock(&steps);
  chost_lock();
}

static void after_fork(void) {
  chost_unlock();
  pthread_rwlock_unlock(&steps);
}

/* In the child the owner has another thread id, so the locks are not released there but made anew. */
static void in_child(void) {
  initialize();
  steps = nobody;
}

__attribute__((constructor)) static void prepare(void) {
  in_child();
  pthread_atfork(before_fork, after_fork, in_child);
}
