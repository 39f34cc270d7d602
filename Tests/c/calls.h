/* Every function of kstack.h that can fail, with arguments that it must refuse. `make generate` writes calls.c. */
#ifndef CALLS_H
#define CALLS_H

#include "support.h"

/* The valid arguments of the calls. The test makes them; in a pod the vault is NULL. */
extern kstack_container *call_container;
extern kstack_vault *call_vault;
extern kstack_credentials *call_credentials;

/* What is invalid in a call: a bit for each parameter that is NULL, and a string for one of them. */
typedef struct arguments {
  unsigned nulls;
  int position; /* -1: no string */
  const char *string;
} arguments;

typedef enum role { VALUE, INPUT, OUTPUT, OPTIONAL_INPUT, OPTIONAL_OUTPUT } role;

/* What a string may hold: a name, a layer, a file name, a layer and a file name, or any UTF-8. */
typedef enum grammar { NO_STRING, NAME, LAYER, FILENAME, PATH, ANY } grammar;

typedef struct parameter {
  const char *name;
  role role;
  grammar grammar;
} parameter;

/* A function, its context ("any", "local" or "cluster"), a call that reports whether all outputs were cleared, and the
 * parameters before `error`. */
typedef struct api_function {
  const char *name;
  const char *context;
  kstack_status (*call)(const arguments *given, bool *cleared, kstack_error **error);
  int count;
  parameter parameters[8];
} api_function;

extern const api_function api_functions[];
extern const size_t api_function_count;

/* Strings that are not UTF-8; NULL is the last. */
extern const char *const not_utf8[];

/* Whether the functions of a context run in this process. */
bool runs_here(const char *context);

/* Checks that a call is refused: for its arguments, or where the function does not run here for that. */
void check_refused(const api_function *function, arguments given);

/* As above, for NULL: for each parameter that needs a value, for all of them, and for all inputs. */
void check_null_refused(const api_function *function);

/* As above, for a string as one parameter. */
void check_string_refused(const api_function *function, int position, const char *string);

/* Passes each string parameter of the functions that run here to a check. */
void for_each_string(const api_function *functions, size_t count,
                     void (*check)(const api_function *function, int position));

/* Checks what the functions that cannot fail return for NULL. */
void check_accessors_of_null(void);

#endif
