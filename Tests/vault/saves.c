/*
 * An editor that saves by rename while the library encrypts, or decrypts, the same file: is any save lost?
 *
 *   saves PROJECT encrypt|decrypt COUNT
 *
 * In each round `a: <round>` is saved to layer3/a.yaml of the environment "dev" at another moment of the run.
 * Afterwards the plaintext or the encrypted form must hold it. With a COUNT of 0 the save comes before each system call
 * of the run in turn; else a thread makes so many saves, from the start of the run to shortly after its end. Prints how
 * many saves there were, during how many of them the run reported a conflict, and how many were lost.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "kstack.h"

static char plaintext[4096];
static char saved[4096 + 8];
static atomic_int is_ready;
static atomic_int go;
static atomic_llong delay;
static char content[64];

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void check(int holds, const char *what) {
  if (holds) return;
  fprintf(stderr, "saves: %s\n", what);
  exit(70);
}

static void write_file(const char *path, const char *text) {
  FILE *file = fopen(path, "w");
  check(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0, path);
}

static void save(void) {
  write_file(saved, content);
  check(rename(saved, plaintext) == 0, "rename");
}

/* -------------------------------------------------------------------------------------------- Before each system call
 */

/* Before which system call of this thread the file is saved; 0 for none. */
static _Thread_local long moment;
static _Thread_local long calls;

static void before_call(void) {
  if (moment == 0 || ++calls != moment) return;
  moment = 0;
  save();
}

/* The function that this program's own stands in for. */
#define REAL(name) ((typeof(&name))dlsym(RTLD_NEXT, #name))

int openat(int folder, const char *name, int flags, ...) {
  va_list more;
  va_start(more, flags);
  mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0;
  va_end(more);
  before_call();
  return REAL(openat)(folder, name, flags, mode);
}

int fstat(int file, struct stat *status) {
  before_call();
  return REAL(fstat)(file, status);
}

int fstatat(int folder, const char *name, struct stat *status, int flags) {
  before_call();
  return REAL(fstatat)(folder, name, status, flags);
}

ssize_t read(int file, void *bytes, size_t size) {
  before_call();
  return REAL(read)(file, bytes, size);
}

ssize_t write(int file, const void *bytes, size_t size) {
  before_call();
  return REAL(write)(file, bytes, size);
}

int fsync(int file) {
  before_call();
  return REAL(fsync)(file);
}

int renameat(int folder, const char *from, int to_folder, const char *to) {
  before_call();
  return REAL(renameat)(folder, from, to_folder, to);
}

int renameat2(int folder, const char *from, int to_folder, const char *to, unsigned int flags) {
  before_call();
  return REAL(renameat2)(folder, from, to_folder, to, flags);
}

int unlinkat(int folder, const char *name, int flags) {
  before_call();
  return REAL(unlinkat)(folder, name, flags);
}

/* ---------------------------------------------------------------------------------------------------- By a thread */

/* Waits for its turn, then for the delay of the round, and saves. */
static void *edit(void *context) {
  (void)context;
  atomic_store(&is_ready, 1);
  while (atomic_load(&go) == 0) sched_yield();
  int64_t end = now() + atomic_load(&delay);
  while (now() < end) sched_yield();
  save();
  return NULL;
}

static int plaintext_is(const char *text) {
  char found[64] = "";
  FILE *file = fopen(plaintext, "r");
  if (file == NULL) return 0;
  size_t length = fread(found, 1, sizeof found - 1, file);
  fclose(file);
  found[length] = '\0';
  return strcmp(found, text) == 0;
}

static int ciphertext_is(kstack_vault *vault, const char *text) {
  kstack_secret *secret = NULL;
  if (kstack_vault_read(vault, "layer3", "a.yaml", &secret, NULL) != KSTACK_OK) return 0;
  int same = kstack_secret_size(secret) == strlen(text) && memcmp(kstack_secret_data(secret), text, strlen(text)) == 0;
  kstack_secret_free(secret);
  return same;
}

static kstack_status run(kstack_vault *vault, int encrypts, uint32_t flags) {
  const char *files[] = {"layer3/a.yaml"};
  kstack_vault_options options = {0};
  options.struct_size = sizeof options;
  options.files = files;
  options.file_count = 1;
  options.flags = flags;
  return encrypts ? kstack_vault_encrypt(vault, &options, NULL, NULL)
                  : kstack_vault_decrypt(vault, &options, NULL, NULL);
}

/* An edit that is to be encrypted, or a plaintext that is not edited and older than its encrypted form. */
static void prepare(kstack_vault *vault, int encrypts, int round) {
  char older[64];
  snprintf(older, sizeof older, "a: older %d\n", round);
  check(run(vault, 0, KSTACK_VAULT_OVERWRITE) == KSTACK_OK, "decrypt");
  if (encrypts) {
    write_file(plaintext, older);
  } else {
    check(kstack_vault_write(vault, "layer3", "a.yaml", older, strlen(older), NULL, NULL) == KSTACK_OK, "write");
  }
  snprintf(content, sizeof content, "a: %d\n", round);
}

/* A run during which a thread saves at a moment that differs from round to round. */
static kstack_status run_and_save(kstack_vault *vault, int encrypts, int round) {
  static int64_t usual = 1000000;
  /* The golden ratio spreads the moments evenly for any number of rounds. */
  double place = (double)round * 0.6180339887498949;
  atomic_store(&delay, (int64_t)((place - (double)(int64_t)place) * 1.2 * (double)usual));
  atomic_store(&is_ready, 0);
  atomic_store(&go, 0);
  pthread_t editor;
  check(pthread_create(&editor, NULL, edit, NULL) == 0, "thread");
  /* On a busy machine the thread would begin when the run is over. */
  while (atomic_load(&is_ready) == 0) sched_yield();
  int64_t start = now();
  atomic_store(&go, 1);
  kstack_status status = run(vault, encrypts, 0);
  int64_t took = now() - start;
  pthread_join(editor, NULL);
  usual = (usual * 7 + took) / 8;
  return status;
}

int main(int count, char **arguments) {
  if (count != 4) return 64;
  int encrypts = strcmp(arguments[2], "encrypt") == 0;
  int rounds = atoi(arguments[3]);
  snprintf(plaintext, sizeof plaintext, "%s/vault/dev/layer3/a.yaml", arguments[1]);
  snprintf(saved, sizeof saved, "%s.new", plaintext);
  kstack_options options = {0};
  options.struct_size = sizeof options;
  options.project_root = arguments[1];
  kstack_container *container = NULL;
  kstack_vault *vault = NULL;
  check(kstack_container_new(&options, &container, NULL) == KSTACK_OK, "container");
  check(kstack_vault_open(container, "dev", &vault, NULL) == KSTACK_OK, "vault");

  int saves = 0;
  int conflicts = 0;
  int lost = 0;
  int is_over = 0;
  while (!is_over) {
    prepare(vault, encrypts, saves);
    kstack_status status;
    if (rounds > 0) {
      status = run_and_save(vault, encrypts, saves);
      is_over = saves + 1 == rounds;
    } else {
      calls = 0;
      moment = saves + 1;
      status = run(vault, encrypts, 0);
      if (moment != 0) break;
    }
    saves++;
    if (status != KSTACK_OK) conflicts++;
    if (!plaintext_is(content) && !ciphertext_is(vault, content)) lost++;
    check(run(vault, 1, KSTACK_VAULT_OVERWRITE) == KSTACK_OK, "encrypt");
  }
  kstack_vault_free(vault);
  kstack_container_free(container);
  printf("%d saves, %d conflicts, %d lost\n", saves, conflicts, lost);
  return lost == 0 ? 0 : 1;
}
