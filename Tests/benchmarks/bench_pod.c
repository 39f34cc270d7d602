/*
 * Measures a warm look-up in a pod, and a bare request for the same Secret with libcurl, over a connection that is kept
 * alive, whose JSON is parsed and whose values are decoded:
 *
 *   bench_pod SERVICE LAYER URL ROUNDS ITERATIONS
 *
 * Both take turns in one process. Prints the medians over the rounds of the microseconds that one iteration of each
 * took, in wall and processor time, and of the ratios in wall time.
 */
#define _GNU_SOURCE
#include <curl/curl.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"

#define FOLDER "/var/run/secrets/kubernetes.io/serviceaccount/"

static CURL *curl;
static char body[65536];
static size_t body_size;

static size_t take(char *bytes, size_t one, size_t size, void *unused) {
  (void)unused;
  require(one * size <= sizeof body - body_size, "the answer is too large");
  memcpy(body + body_size, bytes, one * size);
  body_size += one * size;
  return one * size;
}

static void ask(void) {
  long status = 0;
  body_size = 0;
  require(curl_easy_perform(curl) == CURLE_OK, "curl_easy_perform");
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  require(status == 200, "the status is not 200");
  json_t *root = json_loadb(body, body_size, 0, NULL);
  json_t *data = json_object_get(root, "data");
  require(json_object_size(data) > 0, "no data");
  const char *name;
  json_t *value;
  json_object_foreach(data, name, value) {
    unsigned char decoded[4096];
    size_t count = 0;
    require(sodium_base642bin(decoded, sizeof decoded, json_string_value(value), json_string_length(value), NULL,
                              &count, NULL, sodium_base64_VARIANT_ORIGINAL) == 0,
            name);
  }
  json_decref(root);
}

static char *read_file(const char *path) {
  static char text[2][65536];
  static int next;
  char *into = text[next++ % 2];
  FILE *file = fopen(path, "r");
  require(file != NULL, path);
  into[fread(into, 1, sizeof text[0] - 1, file)] = '\0';
  fclose(file);
  return into;
}

/* The time of one iteration, in wall and processor time. */
typedef struct times {
  double wall[most_rounds];
  double processor[most_rounds];
} times;

static void measure(void (*work)(void), int iterations, times *into, int round) {
  double start = now(CLOCK_MONOTONIC);
  double processor = now(CLOCK_PROCESS_CPUTIME_ID);
  for (int iteration = 0; iteration < iterations; iteration++) work();
  into->processor[round] = (now(CLOCK_PROCESS_CPUTIME_ID) - processor) / iterations;
  into->wall[round] = (now(CLOCK_MONOTONIC) - start) / iterations;
}

int main(int count, char **arguments) {
  require(count == 6, "usage: SERVICE LAYER URL ROUNDS ITERATIONS");
  service = arguments[1];
  layer = arguments[2];
  int rounds = atoi(arguments[4]);
  int iterations = atoi(arguments[5]);
  require(rounds > 0 && rounds <= most_rounds && iterations > 0, "a count is out of range");
  require(sodium_init() >= 0, "sodium_init");

  char *authorities = read_file(FOLDER "ca.crt");
  struct curl_blob blob = {authorities, strlen(authorities), CURL_BLOB_COPY};
  curl = curl_easy_init();
  require(curl != NULL, "curl_easy_init");
  curl_easy_setopt(curl, CURLOPT_URL, arguments[3]);
  curl_easy_setopt(curl, CURLOPT_CAINFO_BLOB, &blob);
  curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
  curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, read_file(FOLDER "token"));
  /* So that the server reads the same from both. */
  struct curl_slist *accept = curl_slist_append(NULL, "Accept: application/json");
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, accept);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "kstack/" KSTACK_VERSION);
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
  require(kstack_container_new(NULL, &container, NULL) == KSTACK_OK, "kstack_container_new");

  static times ours, theirs;
  static double ratios[most_rounds];
  measure(look_up, iterations, &ours, 0);
  measure(ask, iterations, &theirs, 0);
  for (int round = 0; round < rounds; round++) {
    /* They alternate in going first, since the machine may become slower over time. */
    if (round % 2 == 0) measure(look_up, iterations, &ours, round);
    measure(ask, iterations, &theirs, round);
    if (round % 2 != 0) measure(look_up, iterations, &ours, round);
    ratios[round] = ours.wall[round] / theirs.wall[round];
  }
  printf("lookup %.3f\nrequest %.3f\nratio %.4f\n", median(ours.wall, rounds), median(theirs.wall, rounds),
         median(ratios, rounds));
  printf("lookup-processor %.3f\nrequest-processor %.3f\n", median(ours.processor, rounds),
         median(theirs.processor, rounds));
  kstack_container_free(container);
  curl_easy_cleanup(curl);
  curl_slist_free_all(accept);
  return 0;
}
