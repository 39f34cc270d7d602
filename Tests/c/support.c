#include "support.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* The longest path that a test makes. */
enum { path_size = 4096 };

/* A string of a sandbox; the characters follow. */
typedef struct text {
  struct text *next;
  char characters[];
} text_node;

/* Ends the test because of a problem in the test itself. */
#define require(condition)                                                             \
  do {                                                                                 \
    if (!(condition)) {                                                                \
      print_error("the test could not go on: %s (%s)\n", #condition, strerror(errno)); \
      _fail(__FILE__, __LINE__);                                                       \
    }                                                                                  \
  } while (0)

/* --------------------------------------------------------------------------------------------- Files and programs */

void make_folders(const char *path) {
  char copy[path_size];
  require(strlen(path) < sizeof copy);
  strcpy(copy, path);
  for (char *end = copy + 1; *end != '\0'; end++) {
    if (*end != '/') continue;
    *end = '\0';
    require(mkdir(copy, 0755) == 0 || errno == EEXIST);
    *end = '/';
  }
  require(mkdir(copy, 0755) == 0 || errno == EEXIST);
}

void write_file(const char *path, const void *data, size_t size, mode_t mode) {
  char folder[path_size];
  require(strlen(path) < sizeof folder);
  strcpy(folder, path);
  char *slash = strrchr(folder, '/');
  require(slash != NULL);
  *slash = '\0';
  make_folders(folder);
  int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  require(file >= 0);
  const char *rest = data;
  while (size > 0) {
    ssize_t written = write(file, rest, size);
    require(written > 0);
    rest += written;
    size -= (size_t)written;
  }
  require(fchmod(file, mode) == 0);
  require(close(file) == 0);
}

void write_text(const char *path, const char *data, mode_t mode) {
  write_file(path, data, strlen(data), mode);
}

char *read_file(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  require(file != NULL);
  require(fseek(file, 0, SEEK_END) == 0);
  long length = ftell(file);
  require(length >= 0);
  rewind(file);
  char *data = malloc((size_t)length + 1);
  require(data != NULL);
  require(fread(data, 1, (size_t)length, file) == (size_t)length);
  data[length] = '\0';
  fclose(file);
  if (size != NULL) *size = (size_t)length;
  return data;
}

bool exists(const char *path) {
  struct stat status;
  return lstat(path, &status) == 0;
}

mode_t mode_of(const char *path) {
  struct stat status;
  require(lstat(path, &status) == 0);
  return status.st_mode & 07777;
}

/* Lines that grow. */
typedef struct lines {
  char **items;
  size_t count;
} lines;

static void add_line(lines *all, const char *line) {
  char **items = realloc(all->items, (all->count + 1) * sizeof *items);
  require(items != NULL);
  all->items = items;
  items[all->count] = malloc(strlen(line) + 1);
  require(items[all->count] != NULL);
  strcpy(items[all->count], line);
  all->count++;
}

/* Visits everything below a folder, the content of a folder before the folder itself. */
static void walk(const char *path, void (*visit)(const char *path, const struct stat *status, void *context),
                 void *context) {
  struct stat status;
  if (lstat(path, &status) != 0) return;
  if (S_ISDIR(status.st_mode)) {
    DIR *folder = opendir(path);
    require(folder != NULL);
    struct dirent *entry;
    while ((entry = readdir(folder)) != NULL) {
      if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
      char child[path_size];
      require((size_t)snprintf(child, sizeof child, "%s/%s", path, entry->d_name) < sizeof child);
      walk(child, visit, context);
    }
    closedir(folder);
  }
  visit(path, &status, context);
}

static void remove_one(const char *path, const struct stat *status, void *context) {
  (void)context;
  (void)status;
  require(remove(path) == 0);
}

void remove_tree(const char *path) {
  walk(path, remove_one, NULL);
}

static void list_one(const char *path, const struct stat *status, void *context) {
  char line[path_size + 256];
  require((size_t)snprintf(line, sizeof line, "%s %o %lld %lld.%09ld %lld.%09ld\n", path, (unsigned)status->st_mode,
                           (long long)status->st_size, (long long)status->st_mtim.tv_sec, status->st_mtim.tv_nsec,
                           (long long)status->st_ctim.tv_sec, status->st_ctim.tv_nsec) < sizeof line);
  add_line(context, line);
}

static int compare_lines(const void *left, const void *right) {
  return strcmp(*(char *const *)left, *(char *const *)right);
}

char *listing(const char *path) {
  lines all = {NULL, 0};
  walk(path, list_one, &all);
  require(all.count > 0);
  qsort(all.items, all.count, sizeof *all.items, compare_lines);
  size_t size = 1;
  for (size_t index = 0; index < all.count; index++) size += strlen(all.items[index]);
  char *result = malloc(size);
  require(result != NULL);
  result[0] = '\0';
  for (size_t index = 0; index < all.count; index++) {
    strcat(result, all.items[index]);
    free(all.items[index]);
  }
  free(all.items);
  return result;
}

int wait_for(pid_t child) {
  int status = 0;
  pid_t ended;
  do ended = waitpid(child, &status, 0);
  while (ended < 0 && errno == EINTR);
  require(ended == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int run(const char *const *arguments, const char *output) {
  pid_t child = fork();
  require(child >= 0);
  if (child == 0) {
    int target = open(output != NULL ? output : "/dev/null", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (target < 0 || dup2(target, STDOUT_FILENO) < 0) _exit(126);
    if (output == NULL && getenv("KSTACK_TEST_VERBOSE") == NULL) dup2(target, STDERR_FILENO);
    execvp(arguments[0], (char *const *)(uintptr_t)arguments);
    _exit(127);
  }
  return wait_for(child);
}

const char *support_program(sandbox *box, const char *name) {
  const char *folder = getenv("KSTACK_TEST_SUPPORT");
  require(folder != NULL);
  return text(box, "%s/%s", folder, name);
}

const char *sibling_program(sandbox *box, const char *name) {
  const char *folder = getenv("KSTACK_TEST_PROGRAMS");
  require(folder != NULL);
  return text(box, "%s/%s", folder, name);
}

/* ------------------------------------------------------------------------------------------------------- Sandbox */

char *text(sandbox *box, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int size = vsnprintf(NULL, 0, format, arguments);
  va_end(arguments);
  require(size >= 0);
  text_node *node = malloc(sizeof *node + (size_t)size + 1);
  require(node != NULL);
  va_start(arguments, format);
  vsnprintf(node->characters, (size_t)size + 1, format, arguments);
  va_end(arguments);
  node->next = box->texts;
  box->texts = node;
  return node->characters;
}

/* Removes the variables that the library reads from the environment. */
static void clear_environment(void) {
  static const char *const prefixes[] = {"KSTACK_", "SOPS_", "XDG_", "POD_NAMESPACE"};
  bool again = true;
  while (again) {
    again = false;
    for (char **variable = environ; *variable != NULL && !again; variable++) {
      if (strncmp(*variable, "KSTACK_TEST_", strlen("KSTACK_TEST_")) == 0) continue;
      for (size_t index = 0; index < LENGTH(prefixes) && !again; index++) {
        if (strncmp(*variable, prefixes[index], strlen(prefixes[index])) != 0) continue;
        char name[256];
        size_t length = strcspn(*variable, "=");
        require(length < sizeof name);
        memcpy(name, *variable, length);
        name[length] = '\0';
        unsetenv(name);
        again = true;
      }
    }
  }
}

/* Makes an identity with age-keygen. */
static void generate(sandbox *box, const char *path, identity *made) {
  make_folders(text(box, "%s/keys", box->root));
  require(run((const char *const[]){"age-keygen", "-o", path, NULL}, NULL) == 0);
  char *content = read_file(path, NULL);
  const char *recipient = strstr(content, "age1");
  const char *secret = strstr(content, "AGE-SECRET-KEY-1");
  require(recipient != NULL && secret != NULL);
  snprintf(made->recipient, sizeof made->recipient, "%.*s", (int)strcspn(recipient, "\r\n"), recipient);
  snprintf(made->secret, sizeof made->secret, "%.*s", (int)strcspn(secret, "\r\n"), secret);
  free(content);
}

sandbox *sandbox_new(void) {
  umask(022);
  sandbox *box = calloc(1, sizeof *box);
  require(box != NULL);
  const char *base = getenv("TMPDIR");
  snprintf(box->root, sizeof box->root, "%s/kstack-test-XXXXXX", base != NULL && base[0] != '\0' ? base : "/tmp");
  require(mkdtemp(box->root) != NULL);
  clear_environment();
  require(setenv("HOME", text(box, "%s/home", box->root), 1) == 0);
  make_folders(getenv("HOME"));
  box->project = text(box, "%s/project", box->root);
  box->vault = text(box, "%s/project/vault", box->root);
  box->identity_file = text(box, "%s/keys/mine.txt", box->root);
  make_folders(box->vault);
  write_text(text(box, "%s/.kstack.yaml", box->project), "environment: dev\n", 0644);
  generate(box, box->identity_file, &box->mine);
  generate(box, text(box, "%s/keys/other.txt", box->root), &box->other);
  return box;
}

void sandbox_free(sandbox *box) {
  if (box == NULL) return;
  if (chdir("/") != 0) abort();
  remove_tree(box->root);
  while (box->texts != NULL) {
    text_node *next = box->texts->next;
    free(box->texts);
    box->texts = next;
  }
  free(box);
}

int sandbox_setup(void **state) {
  *state = sandbox_new();
  return 0;
}

int sandbox_teardown(void **state) {
  sandbox_free(*state);
  return 0;
}

const char *put_secret_with(sandbox *box, const char *environment, const char *layer, const char *name,
                            const char *plain, size_t size, const char *const *arguments) {
  const char *folder = text(box, "%s/%s/%s", box->vault, environment, layer);
  make_folders(folder);
  const char *source = text(box, "%s/plain", box->root);
  const char *target = text(box, "%s/secret.%s", folder, name);
  write_file(source, plain, size, 0600);
  const char *command[16] = {"age", "-o", target};
  size_t count = 3;
  while (*arguments != NULL) {
    require(count < LENGTH(command) - 2);
    command[count++] = *arguments++;
  }
  command[count++] = source;
  command[count] = NULL;
  unlink(target);
  require(run(command, NULL) == 0);
  require(chmod(target, 0644) == 0);
  require(unlink(source) == 0);
  return target;
}

const char *put_secret(sandbox *box, const char *environment, const char *layer, const char *name, const char *plain) {
  return put_secret_with(box, environment, layer, name, plain, strlen(plain),
                         (const char *const[]){"-r", box->mine.recipient, NULL});
}

const char *put_plain(sandbox *box, const char *environment, const char *layer, const char *name, const char *plain) {
  const char *path = text(box, "%s/%s/%s/%s", box->vault, environment, layer, name);
  write_text(path, plain, 0600);
  return path;
}
