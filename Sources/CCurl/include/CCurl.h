/*
 * HTTPS with libcurl, which is loaded when it is first needed and never linked: a process that does not need it maps
 * neither libcurl nor a TLS library.
 */
#ifndef CCURL_H
#define CCURL_H

#include <stdbool.h>
#include <stddef.h>

/* The result of loading libcurl. */
enum ccurl_library {
  CCURL_LOADED,
  /* There is no libcurl.so.4. */
  CCURL_ABSENT,
  /* It lacks a function or an option that is needed, or could not be initialised. */
  CCURL_UNFIT
};

/* Loads libcurl, once for the process. */
enum ccurl_library ccurl_load(void);

/* A handle of libcurl, which keeps one connection between transfers. One thread at a time may use it. */
struct ccurl_handle;

/* Makes a handle; NULL without memory. libcurl must have been loaded. */
struct ccurl_handle *ccurl_open(void);

/*
 * Whether the socket of the handle is still the one that it opened: a program may close all descriptors, as daemons do,
 * and open files of its own under their numbers.
 */
bool ccurl_is_intact(const struct ccurl_handle *handle);

/*
 * Closes the connection and frees the handle, with all that was sent and received. A handle that is
 * not intact is leaked.
 */
void ccurl_close(struct ccurl_handle *handle);

/* Frees a handle that a forked child inherited. The connection is the parent's: nothing is sent on it. */
void ccurl_abandon(struct ccurl_handle *handle);

/* How a transfer ended. */
enum ccurl_outcome {
  CCURL_ANSWERED,
  /* The connection was not made. */
  CCURL_REFUSED,
  /* The host name has no address. */
  CCURL_UNRESOLVED,
  /* The connection broke before the answer was complete. */
  CCURL_RESET,
  /* The time ran out after the server was connected. */
  CCURL_TIMED_OUT,
  /* The time ran out before the server was connected. */
  CCURL_NOT_CONNECTED,
  /* The program does not want the answer any more. */
  CCURL_CANCELLED,
  /* The server's certificate is not signed by the authorities. */
  CCURL_UNTRUSTED,
  /* A certificate has expired, or is not valid yet. */
  CCURL_EXPIRED,
  /* The server's certificate is for another name. */
  CCURL_OTHER_NAME,
  /* The authorities hold an invalid certificate. */
  CCURL_BAD_AUTHORITIES,
  /* The server's certificate is too weak for the TLS settings of this system. */
  CCURL_WEAK,
  /* The TLS settings of this system and of the server have nothing in common. */
  CCURL_LOCAL_TLS,
  /* The other side does not speak TLS 1.2 or later. */
  CCURL_NO_TLS,
  /* The other side does not speak HTTP. */
  CCURL_NO_HTTP,
  /* The function for the body stopped the transfer. */
  CCURL_STOPPED,
  /* libcurl does not have an option that the connection's safety rests on. */
  CCURL_NOT_SUPPORTED,
  /* Anything else; see `error`. */
  CCURL_FAILED
};

/* The result of a transfer. */
struct ccurl_answer {
  enum ccurl_outcome outcome;
  /* libcurl's error number. */
  int error;
  /* The HTTP status, where there was an answer. */
  int status;
  /* The seconds of Retry-After; -1 where there was none. */
  long retry_after;
  /* Whether it used a new connection. */
  bool is_new_connection;
};

/* Takes a piece of the body, `one` times `size` bytes; any other result stops the transfer. */
typedef size_t (*ccurl_body)(char *bytes, size_t one, size_t size, void *context);

/* Whether the program does not want the answer any more. */
typedef bool (*ccurl_stop)(void *context);

/*
 * Sends a request and waits for the answer, `timeout` milliseconds at the most.
 *
 * `patch` is the body of a merge patch; NULL asks with GET. `authorities` are certificates in PEM form, the only ones
 * that are trusted. SIGPIPE does not reach the process. `stop`, unless it is NULL, is called at least every
 * `pause` milliseconds.
 */
struct ccurl_answer ccurl_perform(struct ccurl_handle *handle, const char *url, const char *patch, const char *token,
                                  const char *user_agent, const void *authorities, size_t authorities_size,
                                  long timeout, ccurl_body body, ccurl_stop stop, int pause, void *context);

#endif
