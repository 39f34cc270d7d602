/*
 * Shared by the tests of the C API: a sandbox with a project, a vault and identities made by the real age programs,
 * and checks of a status together with its error.
 */
#ifndef SUPPORT_H
#define SUPPORT_H

/* cmocka needs these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "kstack.h"

/* What an output holds before a call that must set it; never dereferenced. */
#define GARBAGE(type) ((type)(uintptr_t)0x5a5a5a50)

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* The plaintext size of a chunk of an age file. */
enum { chunk_size = 65536 };

/* One age identity: its secret and its public half. */
typedef struct identity {
  char secret[128];
  char recipient[128];
} identity;

/* A private home, a project with an empty vault, and an identity whose file is `identity_file`. */
typedef struct sandbox {
  char root[512];
  const char *project;
  const char *vault;
  const char *identity_file;
  identity mine;
  identity other;
  struct text *texts;
} sandbox;

/* ------------------------------------------------------------------------------------------------------- Sandbox */

/*
 * Makes a sandbox, and hides the user's own configuration from the process: a new HOME, none of the variables that the
 * library reads. `.kstack.yaml` names the environment "dev".
 */
sandbox *sandbox_new(void);

/* Removes everything again. */
void sandbox_free(sandbox *box);

/* cmocka fixtures: a sandbox in *state. */
int sandbox_setup(void **state);
int sandbox_teardown(void **state);

/* A string made as printf does, which lives as long as the sandbox. */
char *text(sandbox *box, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Encrypts `plain` to the sandbox's own identity, as vault/<environment>/<layer>/secret.<name>; returns its path. */
const char *put_secret(sandbox *box, const char *environment, const char *layer, const char *name, const char *plain);

/* As above, with arguments for age, such as "-a" or "-r", "age1…", up to NULL, in place of the own recipient. */
const char *put_secret_with(sandbox *box, const char *environment, const char *layer, const char *name,
                            const char *plain, size_t size, const char *const *arguments);

/* Writes the plaintext vault/<environment>/<layer>/<name>, mode 0600; returns its path. */
const char *put_plain(sandbox *box, const char *environment, const char *layer, const char *name, const char *plain);

/* --------------------------------------------------------------------------------------------- Files and programs */

/* Writes a file, with the folders that lead to it, of a mode that does not depend on the umask. */
void write_file(const char *path, const void *data, size_t size, mode_t mode);
void write_text(const char *path, const char *data, mode_t mode);

/* Reads a file whole, with a NUL after it that does not count. Freed with free. */
char *read_file(const char *path, size_t *size);

void make_folders(const char *path);
bool exists(const char *path);
mode_t mode_of(const char *path);
void remove_tree(const char *path);

/* Everything below a folder as sorted lines of path, type, mode, size, modification and change time. Freed with free.
 */
char *listing(const char *path);

/*
 * Runs a program, found by PATH, and waits for it. Its output goes to `output`, and to nowhere when that is NULL.
 *
 * Returns its exit code; 128 plus the signal's number when a signal ended it.
 */
int run(const char *const *arguments, const char *output);

/* The path of a program of Tests/support. */
const char *support_program(sandbox *box, const char *name);

/* The path of a program next to the running test. */
const char *sibling_program(sandbox *box, const char *name);

/* Waits for a child and returns its exit code; 128 plus the signal's number when a signal ended it. */
int wait_for(pid_t child);

/* ----------------------------------------------------------------------------------------------------- Containers */

/* Whether the library has post-quantum support. */
bool has_post_quantum(void);

/* A container for the sandbox's project and identity. */
kstack_container *container_for(sandbox *box);

/* A container for the sandbox's project without an identity. */
kstack_container *container_without_identity(sandbox *box);

/* The vault of the environment "dev" of a container of its own. */
kstack_vault *vault_for(sandbox *box);

/* Options for a run over a vault; `files` may be NULL when `count` is 0. */
kstack_vault_options options_for(const char *const *files, size_t count, uint32_t flags);

/* -------------------------------------------------------------------------------------------------------- Checks */

/*
 * Checks that a call failed as it should: the status, an error object with the same code, a message of one line that
 * holds every one of the given strings, in this order. Frees the error. A variable `error` must be in scope.
 *
 *   check_fails(kstack_get_environment(container, &out, &error), KSTACK_ERROR_CONFIGURATION, ".kstack.yaml");
 */
#define check_fails(call, wanted, ...) \
  check_fails_at((call), (wanted), &error, (const char *const[]){__VA_ARGS__, NULL}, __FILE__, __LINE__)
void check_fails_at(kstack_status status, kstack_status wanted, kstack_error **error, const char *const *parts,
                    const char *file, int line);

/* Checks that a call succeeded and left no error. A variable `error` must be in scope. */
#define check_ok(call) check_ok_at((call), &error, __FILE__, __LINE__)
void check_ok_at(kstack_status status, kstack_error **error, const char *file, int line);

/* Checks that a string is one line of printable UTF-8 and no longer than a message should be. */
#define check_message(message) check_message_at((message), __FILE__, __LINE__)
void check_message_at(const char *message, const char *file, int line);

/* Checks the value of a name in credentials. */
#define check_value(credentials, name, wanted) check_value_at((credentials), (name), (wanted), __FILE__, __LINE__)
void check_value_at(const kstack_credentials *credentials, const char *name, const char *wanted, const char *file,
                    int line);

/* Checks that JSON is as wanted, but for white space between its tokens. */
#define check_json(json, wanted) check_json_at((json), (wanted), __FILE__, __LINE__)
void check_json_at(const char *json, const char *wanted, const char *file, int line);

/* Checks the items of a list: names up to NULL. */
#define check_list(list, ...) check_list_at((list), (const char *const[]){__VA_ARGS__, NULL}, __FILE__, __LINE__)
void check_list_at(const kstack_string_list *list, const char *const *wanted, const char *file, int line);

/* Checks a report's result for a path, and that there is a message where one is needed. */
#define check_result(report, path, wanted) check_result_at((report), (path), (wanted), __FILE__, __LINE__)
void check_result_at(const kstack_vault_report *report, const char *path, kstack_vault_result wanted, const char *file,
                     int line);

/* Checks the content of a file. */
#define check_content(path, wanted) check_content_at((path), (wanted), __FILE__, __LINE__)
void check_content_at(const char *path, const char *wanted, const char *file, int line);

#endif
