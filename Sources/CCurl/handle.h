/* A handle, and what the files of CCurl share. Internal to CCurl. */
#ifndef CCURL_HANDLE_H
#define CCURL_HANDLE_H

#include <signal.h>
#include <sys/types.h>

#include "CCurl.h"
#include "library.h"

struct ccurl_handle {
  CURL *curl;
  /* Keeps the connection, and runs the transfer step by step. */
  CURLM *multi;
  /* The socket of the connection that is kept; else CURL_SOCKET_BAD. */
  curl_socket_t connection;
  /* A file of ours: if the program closed it, as by closing all descriptors, it closed libcurl's sockets, too. */
  int sentinel;
  dev_t sentinel_device;
  ino_t sentinel_inode;
  /* The socket's identity, since the program may close it and open another file under its number. */
  dev_t device;
  ino_t inode;
  char message[CURL_ERROR_SIZE];
  /* A file without a name that holds `authorities`, for a libcurl that takes them from a file alone; else -1. */
  int file;
  void *authorities;
  size_t authorities_size;
};

/* Records the socket of the connection, after each transfer. */
void ccurl_note_connection(struct ccurl_handle *handle);

/* The thread's signals before SIGPIPE was blocked. */
struct signals {
  sigset_t before;
  bool was_pending;
};

/* Block SIGPIPE for the thread, and restore its signals. */
struct signals ccurl_hold_pipe(void);
void ccurl_release_pipe(struct signals signals);

/*
 * Sets all options of a request; false where libcurl refuses one. Free `headers` after the transfer; `retry_after` is
 * set while it runs.
 */
bool ccurl_set_options(struct ccurl_handle *handle, const char *url, const char *patch, const char *token,
                       const char *user_agent, const void *authorities, size_t authorities_size, long timeout,
                       ccurl_body body, void *context, long *retry_after, struct curl_slist **headers);

#endif
