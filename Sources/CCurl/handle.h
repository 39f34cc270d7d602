/* A handle, and what the parts of a transfer have of each other. Inside CCurl only. */
#ifndef CCURL_HANDLE_H
#define CCURL_HANDLE_H

#include <signal.h>
#include <sys/types.h>

#include "CCurl.h"
#include "library.h"

struct ccurl_handle {
  CURL *curl;
  /* Keeps the connection, and lets the transfer be done step by step. */
  CURLM *multi;
  /* The socket of the connection that is kept; else CURL_SOCKET_BAD. */
  curl_socket_t connection;
  /* A file of ours, closed and replaced where a program closes all descriptors: so are libcurl's own sockets then. */
  int sentinel;
  dev_t sentinel_device;
  ino_t sentinel_inode;
  /* What the socket is, since the program may close it and have another file under its number. */
  dev_t device;
  ino_t inode;
  char message[CURL_ERROR_SIZE];
  /* A file without a name that holds `authorities`, for a libcurl that takes them from a file alone; else -1. */
  int file;
  void *authorities;
  size_t authorities_size;
};

/* Notes which socket the connection is, after each transfer. */
void ccurl_note_connection(struct ccurl_handle *handle);

/* What the thread's signals were before SIGPIPE was held back. */
struct signals {
  sigset_t before;
  bool was_pending;
};

/* Holds SIGPIPE back from the thread, and puts the thread's signals back as they were. */
struct signals ccurl_hold_pipe(void);
void ccurl_release_pipe(struct signals signals);

/*
 * Sets all options of a request; false where libcurl refuses one. `headers` is to be freed after the transfer, and
 * `retry_after` is set while it runs.
 */
bool ccurl_set_options(struct ccurl_handle *handle, const char *url, const char *patch, const char *token,
                       const char *user_agent, const void *authorities, size_t authorities_size, long timeout,
                       ccurl_body body, void *context, long *retry_after, struct curl_slist **headers);

#endif
