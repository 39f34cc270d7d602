#define _GNU_SOURCE
#include "handle.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* ---------------------------------------------------------------------------------------------------------- SIGPIPE */

static sigset_t only_pipe(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  return set;
}

/* With CURLOPT_NOSIGNAL a connection that the other side closed may raise SIGPIPE. */
struct signals ccurl_hold_pipe(void) {
  struct signals signals;
  sigset_t pending;
  sigset_t pipe = only_pipe();
  sigemptyset(&pending);
  sigpending(&pending);
  signals.was_pending = sigismember(&pending, SIGPIPE) == 1;
  pthread_sigmask(SIG_BLOCK, &pipe, &signals.before);
  return signals;
}

/* Consumes the SIGPIPE that the transfer raised, and no earlier one, and restores the mask. */
void ccurl_release_pipe(struct signals signals) {
  int saved = errno;
  sigset_t pipe = only_pipe();
  struct timespec no_time = {0, 0};
  if (!signals.was_pending) {
    while (sigtimedwait(&pipe, NULL, &no_time) == -1 && errno == EINTR) continue;
  }
  pthread_sigmask(SIG_SETMASK, &signals.before, NULL);
  errno = saved;
}

/* ---------------------------------------------------------------------------------------------------------- Handles */

struct ccurl_handle *ccurl_open(void) {
  struct ccurl_handle *handle = calloc(1, sizeof *handle);
  if (handle == NULL) return NULL;
  handle->file = -1;
  handle->connection = CURL_SOCKET_BAD;
  struct stat status;
  handle->sentinel = memfd_create("kstack", MFD_CLOEXEC);
  if (handle->sentinel == -1 || fstat(handle->sentinel, &status) != 0) {
    if (handle->sentinel != -1) close(handle->sentinel);
    free(handle);
    return NULL;
  }
  handle->sentinel_device = status.st_dev;
  handle->sentinel_inode = status.st_ino;
  handle->curl = ccurl.easy_init();
  handle->multi = ccurl.multi_init();
  if (handle->curl == NULL || handle->multi == NULL ||
      ccurl.multi_setopt(handle->multi, CURLMOPT_MAXCONNECTS, 1L) != CURLM_OK) {
    ccurl_close(handle);
    return NULL;
  }
  return handle;
}

void ccurl_note_connection(struct ccurl_handle *handle) {
  struct stat status;
  if (handle->connection == CURL_SOCKET_BAD) return;
  if (fstat(handle->connection, &status) != 0) {
    handle->connection = CURL_SOCKET_BAD;
    return;
  }
  handle->device = status.st_dev;
  handle->inode = status.st_ino;
}

static bool is_file(int descriptor, dev_t device, ino_t inode) {
  struct stat status;
  return fstat(descriptor, &status) == 0 && status.st_dev == device && status.st_ino == inode;
}

bool ccurl_is_intact(const struct ccurl_handle *handle) {
  if (!is_file(handle->sentinel, handle->sentinel_device, handle->sentinel_inode)) return false;
  return handle->connection == CURL_SOCKET_BAD || is_file(handle->connection, handle->device, handle->inode);
}

void ccurl_close(struct ccurl_handle *handle) {
  /* Closing it would close files of the program, and write TLS's close_notify to them: its memory is leaked. */
  if (!ccurl_is_intact(handle)) return;
  struct signals signals = ccurl_hold_pipe();
  if (handle->curl != NULL) ccurl.easy_cleanup(handle->curl);
  if (handle->multi != NULL) ccurl.multi_cleanup(handle->multi);
  ccurl_release_pipe(signals);
  if (handle->file != -1) close(handle->file);
  close(handle->sentinel);
  free(handle->authorities);
  free(handle);
}

void ccurl_abandon(struct ccurl_handle *handle) {
  if (!ccurl_is_intact(handle)) return;
  /* TLS writes close_notify as it is closed: the descriptor becomes one that goes nowhere. */
  if (handle->connection != CURL_SOCKET_BAD) {
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    /* Without a spare descriptor the memory is leaked. */
    if (nowhere == -1) return;
    int result = dup3(nowhere, handle->connection, O_CLOEXEC);
    close(nowhere);
    if (result == -1) return;
    ccurl_note_connection(handle);
  }
  ccurl_close(handle);
}
