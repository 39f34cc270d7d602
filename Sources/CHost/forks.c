/*
 * The one rule on forks: a process does not fork while another thread is inside the library.
 *
 * A child has one thread. Locks that other threads hold at the moment of the fork stay locked in it: those of the Swift
 * runtime (metadata, lazy initialisation), of OpenSSL, of the library itself. So a call takes a place, a fork waits
 * until the places of the other threads are empty, and new calls wait for the fork. A call that itself waits (for the
 * network, a lock, a function of the host) leaves its place meanwhile.
 *
 * A thread takes its place with one store, so that a signal handler that forks in the middle of a call, on the thread
 * of the call, finds the place either taken or not, and never waits for itself.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "CHost.h"

/* The place of one thread. The list only grows; a thread that ends leaves its place to the next. */
struct place {
  struct place *next;
  atomic_int is_taken;
  atomic_int is_inside;
};

static _Atomic(struct place *) places;
static pthread_key_t ending;

/* How many forks are running or waiting, and a number that changes with every call that ends meanwhile. */
static atomic_int forks;
static atomic_int leavings;

static __thread struct place *mine;
static __thread int depth;
static __thread int cancel_state;

static void wait_while(atomic_int *number, int value) {
  syscall(SYS_futex, number, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static void wake_all(atomic_int *number) {
  syscall(SYS_futex, number, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

/* Destructors of the host that run later may still call the library: they take a new place then. */
static void give_place_back(void *place) {
  mine = NULL;
  atomic_store(&((struct place *)place)->is_taken, 0);
}

static struct place *take_place(void) {
  struct place *place = atomic_load(&places);
  for (; place != NULL; place = place->next) {
    int nobody = 0;
    if (atomic_compare_exchange_strong(&place->is_taken, &nobody, 1)) break;
  }
  if (place == NULL) {
    place = calloc(1, sizeof *place);
    /* Without memory the call continues: a fork at this moment is the lesser harm. */
    if (place == NULL) return NULL;
    atomic_init(&place->is_taken, 1);
    place->next = atomic_load(&places);
    while (!atomic_compare_exchange_weak(&places, &place->next, place)) {
    }
  }
  pthread_setspecific(ending, place);
  mine = place;
  return place;
}

static void step_in(struct place *place) {
  for (;;) {
    atomic_store(&place->is_inside, 1);
    int waiting = atomic_load(&forks);
    if (waiting == 0) return;
    atomic_store(&place->is_inside, 0);
    atomic_fetch_add(&leavings, 1);
    wake_all(&leavings);
    wait_while(&forks, waiting);
  }
}

static void step_out(struct place *place) {
  atomic_store(&place->is_inside, 0);
  if (atomic_load(&forks) == 0) return;
  atomic_fetch_add(&leavings, 1);
  wake_all(&leavings);
}

void chost_enter(void) {
  if (depth++ > 0) return;
  /* Cancelling a thread would unwind past what Swift must release. */
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
  struct place *place = mine != NULL ? mine : take_place();
  if (place != NULL) step_in(place);
}

void chost_leave(void) {
  if (--depth > 0) return;
  if (mine != NULL) step_out(mine);
  int ignored;
  pthread_setcancelstate(cancel_state, &ignored);
}

struct chost_paused chost_pause(void) {
  struct chost_paused paused = {depth, cancel_state};
  depth = 0;
  if (paused.depth > 0 && mine != NULL) step_out(mine);
  return paused;
}

void chost_resume(struct chost_paused paused) {
  if (paused.depth == 0) return;
  depth = paused.depth;
  /* A call that the host made meanwhile overwrote it. */
  cancel_state = paused.cancel_state;
  if (mine != NULL || take_place() != NULL) step_in(mine);
}

/* ----------------------------------------------------------------------------------------------- The library's lock */

/* Recursive by its own count: a child has another thread id, and could not unlock a recursive mutex. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static __thread int held;

void chost_lock(void) {
  if (held++ == 0) pthread_mutex_lock(&lock);
}

void chost_unlock(void) {
  if (--held == 0) pthread_mutex_unlock(&lock);
}

/* --------------------------------------------------------------------------------------------------- Locks on files */

/*
 * The descriptors that hold locks on files. A child shares them, and would keep a lock when its parent is dead, or
 * release it for its parent: so it closes and forgets them at once.
 */
enum { MOST_FILE_LOCKS = 256 };
static struct {
  int descriptor;
  long ticket;
} file_locks[MOST_FILE_LOCKS];
static long last_ticket;

long chost_own_file_lock(int descriptor) {
  long ticket = -1;
  chost_lock();
  for (int index = 0; index < MOST_FILE_LOCKS && ticket < 0; index++) {
    if (file_locks[index].ticket != 0) continue;
    ticket = ++last_ticket;
    file_locks[index].descriptor = descriptor;
    file_locks[index].ticket = ticket;
  }
  chost_unlock();
  return ticket;
}

bool chost_disown_file_lock(long ticket) {
  bool is_ours = false;
  chost_lock();
  for (int index = 0; index < MOST_FILE_LOCKS && !is_ours; index++) {
    if (file_locks[index].ticket != ticket) continue;
    file_locks[index].ticket = 0;
    is_ours = true;
  }
  chost_unlock();
  return is_ours;
}

static void close_file_locks(void) {
  for (int index = 0; index < MOST_FILE_LOCKS; index++) {
    if (file_locks[index].ticket != 0) close(file_locks[index].descriptor);
    file_locks[index].ticket = 0;
  }
}

/* -------------------------------------------------------------------------------------------------------- Forking */

static __thread bool was_inside;
static __thread bool took_lock;

/* Leaves this thread's place, so that two threads that fork from signal handlers do not wait for each other. */
static void before_fork(void) {
  was_inside = mine != NULL && atomic_load(&mine->is_inside) != 0;
  atomic_fetch_add(&forks, 1);
  if (was_inside) step_out(mine);
  for (struct place *place = atomic_load(&places); place != NULL; place = place->next) {
    while (place != mine) {
      int number = atomic_load(&leavings);
      if (atomic_load(&place->is_inside) == 0) break;
      wait_while(&leavings, number);
    }
  }
  took_lock = held == 0;
  if (took_lock) chost_lock();
}

static void in_parent(void) {
  if (took_lock) chost_unlock();
  atomic_fetch_sub(&forks, 1);
  wake_all(&forks);
  if (was_inside) step_in(mine);
}

static void in_child(void) {
  if (took_lock) chost_unlock();
  for (struct place *place = atomic_load(&places); place != NULL; place = place->next) {
    if (place == mine) continue;
    atomic_store(&place->is_inside, 0);
    atomic_store(&place->is_taken, 0);
  }
  atomic_store(&forks, 0);
  if (was_inside) atomic_store(&mine->is_inside, 1);
  close_file_locks();
}

__attribute__((constructor)) static void prepare(void) {
  pthread_key_create(&ending, give_place_back);
  pthread_atfork(before_fork, in_parent, in_child);
}
