/* What a guest in another program's process needs and Swift cannot say. */
#ifndef CHOST_H
#define CHOST_H

#include <pthread.h>
#include <stdbool.h>

/* What looking at the service account's token gave. */
enum chost_token { CHOST_TOKEN_ABSENT, CHOST_TOKEN_PRESENT, CHOST_TOKEN_UNREADABLE };

/* What was seen of a pod when the library was loaded. */
struct chost_signs {
  enum chost_token token;
  /* KUBERNETES_SERVICE_HOST was set and not empty. */
  bool has_service_host;
  /* The first line of /etc/hosts is the one that kubelet writes into every pod. */
  bool has_managed_hosts;
};

struct chost_signs chost_signs(void);

/*
 * Around every call into the library: no fork happens between the two, and the thread is not cancelled. They nest.
 */
void chost_enter(void);
void chost_leave(void);

/* How far a call was when it paused; a depth of 0 where none was under way. */
struct chost_paused {
  int depth;
  int cancel_state;
};

/*
 * Around what waits, and around functions of the host: forks happen meanwhile, and the host may call the library. What
 * chost_pause gives is handed to chost_resume.
 */
struct chost_paused chost_pause(void);
void chost_resume(struct chost_paused paused);

/* An address that belongs to what the thread does at the moment; NULL at first. */
void *chost_thread_object(void);
void chost_set_thread_object(void *object);

/* The library's one lock, for moments only, and recursive: giving back what is protected may run code that takes it. */
void chost_lock(void);
void chost_unlock(void);

/*
 * A descriptor that carries a lock on a file belongs to this process: a child that is forked closes it. Gives a ticket,
 * or -1 where there are too many. chost_disown_file_lock tells whether the lock is this process's to give back.
 */
long chost_own_file_lock(int descriptor);
bool chost_disown_file_lock(long ticket);

/*
 * A flag that calls look at while they wait; counted, since the program may free it while they do. Setting it takes no
 * lock and no place: a signal handler may, and so may a thread while another forks.
 */
struct chost_cancellation;
struct chost_cancellation *chost_cancellation_make(void);
void chost_cancellation_keep(struct chost_cancellation *cancellation);
void chost_cancellation_release(struct chost_cancellation *cancellation);
void chost_cancel(struct chost_cancellation *cancellation);
bool chost_is_cancelled(const struct chost_cancellation *cancellation);

/* How many processors this process may use, at least 1. */
int chost_processors(void);

/*
 * Starts up to `count` threads, which block all signals, since those are for the threads of the host; each runs `body`.
 * Gives how many were started, whose names are in `threads`: fewer where the system gives no more.
 */
int chost_start(int count, void *(*body)(void *), void *argument, pthread_t *threads);

/*
 * Runs `piece` for each index below `count`, on this thread and on new ones for as many processors as the library does
 * not keep busy yet. All have ended when it returns.
 */
void chost_share(size_t count, void (*piece)(void *context, size_t index), void *context);

/* Whether two blocks hold the same; Swift's Sodium target imports no C library. */
bool chost_are_same(const void *one, const void *other, unsigned long size);

/* Waits so many milliseconds for a thread to end; true when it has. */
bool chost_join(pthread_t thread, int milliseconds);

/* Has a part of a file brought to the disk, and does not wait for it. */
void chost_start_writing(int descriptor, long offset, long size);

/* Renames a file within a folder unless something has the new name (EEXIST); -1 and errno on failure. */
int chost_rename_new(int folder, const char *from, const char *to);

/* Lets two files of a folder change names, at once; -1 and errno on failure. */
int chost_exchange(int folder, const char *one, const char *other);

/* The number of the kind of a path's file system, as statfs(2) has it; 0 where it is not known. */
unsigned long chost_file_system(const char *path);

/* Keeps the pages that hold `size` bytes out of core dumps; false where the system refuses. */
bool chost_exclude_from_dumps(void *start, unsigned long size);

/* Memory of the heap that can be refused (NULL), as that of the Swift runtime cannot; aligned for every type. */
void *chost_allocate(unsigned long size);
void chost_free(void *block);

/* Ends the process, in which memory was written past its end: nothing in it can be relied on any more. */
_Noreturn void chost_out_of_bounds(void);

/* Clears the registers that a call may change, but for what it returns. */
void chost_clear_registers(void);

#endif
