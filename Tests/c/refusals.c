/* Checks of the calls in calls.h. */
#include "calls.h"

const char *const not_utf8[] = {
    "\xff\xfe",         /* never in UTF-8 */
    "abc\xc3",          /* truncated */
    "layer3\x80",       /* a continuation alone */
    "\xc0\xaf",         /* an overlong "/" */
    "\xe0\x80\xaf",     /* the same in three bytes */
    "\xed\xa0\x80",     /* a surrogate */
    "\xf4\x90\x80\x80", /* past the last code point */
    "s3\xff",           NULL,
};

bool runs_here(const char *context) {
  return strcmp(context, kstack_is_in_cluster() ? "local" : "cluster") != 0;
}

/* Prints a call that failed the check, with numbers for bytes that are not printable. */
static void print_call(const api_function *function, arguments given) {
  print_error("%s:", function->name);
  for (int position = 0; position < function->count; position++) {
    const char *name = function->parameters[position].name;
    if (given.nulls >> position & 1u) print_error(" %s is NULL", name);
    if (position != given.position) continue;
    print_error(" %s is ", name);
    for (size_t index = 0; given.string != NULL && given.string[index] != '\0' && index < 60; index++) {
      unsigned char byte = (unsigned char)given.string[index];
      print_error(byte >= 0x20 && byte < 0x7f ? "%c" : "\\x%02x", byte);
    }
  }
  print_error("\n");
}

void check_refused(const api_function *function, arguments given) {
  bool is_here = runs_here(function->context);
  kstack_status wanted = is_here ? KSTACK_ERROR_INVALID_ARGUMENT : KSTACK_ERROR_ENVIRONMENT;
  bool cleared = false;
  kstack_error *error = GARBAGE(kstack_error *);
  kstack_status status = function->call(&given, &cleared, &error);
  if (status != wanted || !cleared) print_call(function, given);
  assert_true(cleared);
  assert_false(kstack_error_is_retryable(error));
  /* A message must not repeat a string of 64 KiB. */
  if (error != NULL) assert_true(strlen(kstack_error_message(error)) < 1024);
  if (is_here) {
    check_fails(status, wanted, "");
  } else {
    check_fails(status, wanted, function->name, kstack_context_reason());
  }
  assert_int_equal(function->call(&given, &cleared, NULL), wanted);
}

void check_null_refused(const api_function *function) {
  unsigned all = 0, inputs = 0;
  bool any_is_needed = false, input_is_needed = false;
  for (int position = 0; position < function->count; position++) {
    role kind = function->parameters[position].role;
    unsigned bit = 1u << position;
    if (kind != VALUE) all |= bit;
    if (kind == INPUT || kind == OPTIONAL_INPUT) inputs |= bit;
    if (kind == INPUT) input_is_needed = true;
    if (kind != INPUT && kind != OUTPUT) continue;
    any_is_needed = true;
    check_refused(function, (arguments){bit, -1, NULL});
  }
  if (any_is_needed) check_refused(function, (arguments){all, -1, NULL});
  if (input_is_needed) check_refused(function, (arguments){inputs, -1, NULL});
}

void check_string_refused(const api_function *function, int position, const char *string) {
  check_refused(function, (arguments){0, position, string});
}

void for_each_string(const api_function *functions, size_t count,
                     void (*check)(const api_function *function, int position)) {
  for (size_t index = 0; index < count; index++) {
    if (!runs_here(functions[index].context)) continue;
    for (int position = 0; position < functions[index].count; position++) {
      if (functions[index].parameters[position].grammar != NO_STRING) check(&functions[index], position);
    }
  }
}
