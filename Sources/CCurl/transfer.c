#define _GNU_SOURCE
#include <CHost.h>
#include <string.h>

#include "handle.h"

/* Results of OpenSSL's verification (x509_vfy.h). */
enum {
  UNSPECIFIED = 1,
  NOT_YET_VALID = 9,
  HAS_EXPIRED = 10,
  HOST_MISMATCH = 62,
  ADDRESS_MISMATCH = 64,
  WEAK_KEY = 66,
  WEAK_AUTHORITY = 67,
  WEAK_DIGEST = 68
};

/* --------------------------------------------------------------------------------------------------------- Outcomes */

/* Why the certificate was not accepted. */
static enum ccurl_outcome verification(CURL *curl) {
  long result = 0;
  ccurl.easy_getinfo(curl, CURLINFO_SSL_VERIFYRESULT, &result);
  switch (result) {
    case NOT_YET_VALID:
    case HAS_EXPIRED:
      return CCURL_EXPIRED;
    /* The chain is valid; libcurl compares the name itself, and leaves either number. */
    case 0:
    case UNSPECIFIED:
    case HOST_MISMATCH:
    case ADDRESS_MISMATCH:
      return CCURL_OTHER_NAME;
    case WEAK_KEY:
    case WEAK_AUTHORITY:
    case WEAK_DIGEST:
      return CCURL_WEAK;
    default:
      return CCURL_UNTRUSTED;
  }
}

/* libcurl has one number for a broken and an impossible handshake; its message distinguishes them. */
static enum ccurl_outcome handshake(const char *message) {
  static const char *const broken[] = {"SSL_ERROR_SYSCALL", "reset by peer", "unexpected eof", "Broken pipe"};
  for (size_t index = 0; index < sizeof broken / sizeof broken[0]; index++) {
    if (strstr(message, broken[index]) != NULL) return CCURL_RESET;
  }
  static const char *const weak[] = {"key too small", "md too weak", "key too weak"};
  for (size_t index = 0; index < sizeof weak / sizeof weak[0]; index++) {
    if (strstr(message, weak[index]) != NULL) return CCURL_WEAK;
  }
  static const char *const other[] = {"protocol version",     "unsupported protocol",   "wrong version number",
                                      "http request",         "packet length too long", "unknown protocol",
                                      "record layer failure", "bad record type"};
  for (size_t index = 0; index < sizeof other / sizeof other[0]; index++) {
    if (strstr(message, other[index]) != NULL) return CCURL_NO_TLS;
  }
  return CCURL_LOCAL_TLS;
}

/* Whether TLS was established before the time ran out; then the server may have the request. */
static enum ccurl_outcome timed_out(CURL *curl) {
  double seconds = 0;
  ccurl.easy_getinfo(curl, CURLINFO_PRETRANSFER_TIME, &seconds);
  return seconds > 0 ? CCURL_TIMED_OUT : CCURL_NOT_CONNECTED;
}

static enum ccurl_outcome outcome(const struct ccurl_handle *handle, CURLcode code) {
  switch (code) {
    case CURLE_OK:
      return CCURL_ANSWERED;
    case CURLE_COULDNT_CONNECT:
      return CCURL_REFUSED;
    case CURLE_COULDNT_RESOLVE_HOST:
      return CCURL_UNRESOLVED;
    case CURLE_OPERATION_TIMEDOUT:
      return timed_out(handle->curl);
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
      return CCURL_RESET;
    case CURLE_PEER_FAILED_VERIFICATION:
      return verification(handle->curl);
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
      return CCURL_BAD_AUTHORITIES;
    case CURLE_SSL_CONNECT_ERROR:
      return handshake(handle->message);
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
      return CCURL_NO_HTTP;
    case CURLE_ABORTED_BY_CALLBACK:
      return CCURL_CANCELLED;
    case CURLE_WRITE_ERROR:
      return CCURL_STOPPED;
    default:
      return CCURL_FAILED;
  }
}

/* The longest wait for the network between two steps, in milliseconds; libcurl itself watches the timeout. */
enum { LONGEST_PAUSE = 1000 };

/* Runs the transfer in steps; while it waits for the network between them, the process may fork. */
static CURLcode perform(struct ccurl_handle *handle, ccurl_stop stop, int pause, void *context) {
  CURLcode result = CURLE_FAILED_INIT;
  bool is_stopped = false;
  if (stop == NULL) pause = LONGEST_PAUSE;
  CURLMcode code = ccurl.multi_add_handle(handle->multi, handle->curl);
  if (code != CURLM_OK) return CURLE_OUT_OF_MEMORY;
  for (int running = 1; code == CURLM_OK && running > 0;) {
    is_stopped = stop != NULL && stop(context);
    if (is_stopped) break;
    code = ccurl.multi_perform(handle->multi, &running);
    if (code == CURLM_OK && running > 0) {
      struct chost_paused paused = chost_pause();
      code = ccurl.multi_poll(handle->multi, NULL, 0, pause, NULL);
      chost_resume(paused);
    }
  }
  int left = 0;
  const CURLMsg *message = ccurl.multi_info_read(handle->multi, &left);
  if (message != NULL && message->msg == CURLMSG_DONE) result = message->data.result;
  if (is_stopped) result = CURLE_ABORTED_BY_CALLBACK;
  handle->connection = CURL_SOCKET_BAD;
  ccurl.easy_getinfo(handle->curl, CURLINFO_ACTIVESOCKET, &handle->connection);
  ccurl_note_connection(handle);
  ccurl.multi_remove_handle(handle->multi, handle->curl);
  return result;
}

struct ccurl_answer ccurl_perform(struct ccurl_handle *handle, const char *url, const char *patch, const char *token,
                                  const char *user_agent, const void *authorities, size_t authorities_size,
                                  long timeout, ccurl_body body, ccurl_stop stop, int pause, void *context) {
  struct ccurl_answer answer = {CCURL_NOT_SUPPORTED, 0, 0, -1, false};
  struct curl_slist *headers = NULL;
  CURL *curl = handle->curl;
  handle->message[0] = '\0';
  bool ready = ccurl_set_options(handle, url, patch, token, user_agent, authorities, authorities_size, timeout, body,
                                 context, &answer.retry_after, &headers);
  if (ready) {
    struct signals signals = ccurl_hold_pipe();
    /* handshake() compares messages, and those of the system are in the program's language. */
    locale_t before = ccurl.locale == (locale_t)0 ? (locale_t)0 : uselocale(ccurl.locale);
    CURLcode code = perform(handle, stop, pause, context);
    if (before != (locale_t)0) uselocale(before);
    ccurl_release_pipe(signals);
    long status = 0;
    ccurl.easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    answer.outcome = outcome(handle, code);
    answer.error = (int)code;
    answer.status = (int)status;
    long connections = 0;
    ccurl.easy_getinfo(curl, CURLINFO_NUM_CONNECTS, &connections);
    answer.is_new_connection = connections > 0;
  }
  /* Removes the token with the options; the connection stays. */
  ccurl.easy_reset(curl);
  ccurl.slist_free_all(headers);
  return answer;
}
