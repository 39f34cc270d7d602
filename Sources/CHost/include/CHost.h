/* What a library in another program's process needs and Swift cannot express. */
#ifndef CHOST_H
#define CHOST_H

#include <pthread.h>
#include <stdbool.h>

/*
 * Surround every call into the library: no fork happens in between, and the thread is not cancelled. They nest.
 */
void chost_enter(void);
void chost_leave(void);

/* The state of a call when it paused; a depth of 0 outside of a call. */
struct chost_paused {
  int depth;
  int cancel_state;
};

/*
 * Surround waits, and functions of the host: forks may happen meanwhile, and the host may call the library. Pass the
 * result of chost_pause to chost_resume.
 */
struct chost_paused chost_pause(void);
void chost_resume(struct chost_paused paused);

/* The state of the call that the thread works for (CallContext in Swift); NULL at first. */
void *chost_call_context(void);
void chost_set_call_context(void *context);

/* The library's one lock, held for moments only. Recursive: releasing a protected object may run code that takes it. */
void chost_lock(void);
void chost_unlock(void);

/*
 * A descriptor that holds a lock on a file belongs to this process: a forked child closes it. Returns a ticket, or -1
 * if there are too many. chost_disown_file_lock returns whether this process must release the lock.
 */
long chost_own_file_lock(int descriptor);
bool chost_disown_file_lock(long ticket);

/*
 * A flag that calls check while they wait; reference-counted, since the program may free it meanwhile. Setting it takes
 * no lock and no place: a signal handler may, and so may a thread while another forks.
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
 * Starts up to `count` threads that run `body`. They block all signals, which are for the threads of the host.
 * Returns how many were started, whose ids are in `threads`: fewer where the system refuses more.
 */
int chost_start(int count, void *(*body)(void *), void *argument, pthread_t *threads);

/* Counts `threads` more threads that the library keeps busy, or with a negative number as many fewer. */
void chost_occupy(int threads);

/* Whether chost_share would start threads now. */
bool chost_has_helpers(void);

/*
 * Runs `piece` for each index below `count`, the first on this thread, the others also on new ones for the processors
 * that the library does not use yet. All have ended when it returns.
 */
void chost_share(size_t count, void (*piece)(void *context, size_t index), void *context);

/* Whether two blocks are equal; Swift's Sodium target imports no C library. */
bool chost_are_same(const void *one, const void *other, unsigned long size);

/* Waits up to `milliseconds` for a thread to end; true if it has. */
bool chost_join(pthread_t thread, int milliseconds);

/* Starts the write-back of a part of a file, without waiting for it. */
void chost_start_writing(int descriptor, long offset, long size);

/* Renames a file within a folder unless something has the new name (EEXIST); -1 and errno on failure. */
int chost_rename_new(int folder, const char *from, const char *to);

/* Exchanges the names of two files in a folder, atomically; -1 and errno on failure. */
int chost_exchange(int folder, const char *one, const char *other);

/* The type of a path's, or an open file's, file system, as in statfs(2); 0 where it is unknown. */
unsigned long chost_file_system(const char *path);
unsigned long chost_file_system_of(int descriptor);

/* Keeps the pages that hold `size` bytes out of core dumps; false where the system refuses. */
bool chost_exclude_from_dumps(void *start, unsigned long size);

/* Heap memory, aligned for every type; NULL on failure, where the Swift runtime would end the process. */
void *chost_allocate(unsigned long size);
void chost_free(void *block);

/* Ends a process in which memory was written past its end: nothing in it can be relied on any more. */
_Noreturn void chost_out_of_bounds(void);

/* Clears the registers that a call may change, but for what it returns. */
void chost_clear_registers(void);

#endif
