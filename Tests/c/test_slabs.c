/* Very many live results: all of them are kept out of core dumps, or an error names the limit. */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "support.h"

/* A part of the address space that is kept out of core dumps. */
typedef struct range {
  uintptr_t start;
  uintptr_t end;
} range;

typedef struct ranges {
  range *items;
  size_t count;
} ranges;

/* Reads from smaps the ranges that are kept out of core dumps ("dd"), in order. */
static ranges excluded_from_dumps(void) {
  ranges result = {NULL, 0};
  size_t capacity = 0;
  FILE *file = fopen("/proc/self/smaps", "r");
  assert_non_null(file);
  char line[512];
  range current = {0, 0};
  while (fgets(line, sizeof line, file) != NULL) {
    unsigned long start;
    unsigned long end;
    if (sscanf(line, "%lx-%lx ", &start, &end) == 2) current = (range){start, end};
    if (strncmp(line, "VmFlags:", 8) != 0 || strstr(line, " dd") == NULL) continue;
    if (result.count == capacity) {
      capacity = capacity == 0 ? 1024 : capacity * 2;
      result.items = realloc(result.items, capacity * sizeof *result.items);
      assert_non_null(result.items);
    }
    result.items[result.count++] = current;
  }
  fclose(file);
  return result;
}

static bool holds(ranges all, const void *address) {
  uintptr_t wanted = (uintptr_t)address;
  size_t low = 0;
  size_t high = all.count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (wanted < all.items[middle].start) {
      high = middle;
    } else if (wanted >= all.items[middle].end) {
      low = middle + 1;
    } else {
      return true;
    }
  }
  return false;
}

static kstack_status answer(void *context, const char *service, const char *layer, const char *environment,
                            kstack_reply *reply) {
  (void)service, (void)layer, (void)environment;
  char value[32];
  int size = snprintf(value, sizeof value, "value %lu", ++*(unsigned long *)context);
  return kstack_reply_set(reply, "key", value, (size_t)size);
}

/* A container whose look-ups return a number, so that very many are cheap. */
static kstack_container *counting(sandbox *box, unsigned long *number) {
  kstack_container *container = container_for(box);
  kstack_secrets_provider provider = KSTACK_SECRETS_PROVIDER_INIT;
  provider.context = number;
  provider.get_credentials = answer;
  kstack_error *error = NULL;
  check_ok(kstack_container_set_secrets_provider(container, &provider, &error));
  return container;
}

static void a_hundred_thousand_live_results_are_all_kept_out_of_dumps(void **state) {
  /* valgrind is some fifty times slower. */
  const size_t count = getenv("KSTACK_TEST_VALGRIND") != NULL ? 5000 : 100000;
  unsigned long number = 0;
  kstack_container *container = counting(*state, &number);
  kstack_credentials **results = calloc(count, sizeof *results);
  assert_non_null(results);
  kstack_error *error = NULL;
  for (size_t index = 0; index < count; index++) {
    check_ok(kstack_get_credentials(container, "s3", "layer3", "dev", &results[index], &error));
  }
  ranges excluded = excluded_from_dumps();
  char wanted[32];
  for (size_t index = 0; index < count; index++) {
    const char *value = kstack_credentials_get(results[index], "key");
    snprintf(wanted, sizeof wanted, "value %zu", index + 1);
    assert_string_equal(value, wanted);
    assert_true(holds(excluded, value));
  }
  free(excluded.items);
  /* They do not use up the maps of the process, and free theirs. */
  for (size_t index = 0; index < count; index++) kstack_credentials_free(results[index]);
  free(results);
  excluded = excluded_from_dumps();
  assert_true(excluded.count < 1000);
  free(excluded.items);
  kstack_container_free(container);
}

static void at_the_limit_of_maps_nothing_is_in_dumps(void **state) {
  enum { COUNT = 20000, PAGE = 4096 };
  unsigned long number = 0;
  kstack_container *container = counting(*state, &number);
  kstack_error *error = NULL;
  kstack_credentials *first = NULL;
  check_ok(kstack_get_credentials(container, "s3", "layer3", "dev", &first, &error));
  kstack_credentials_free(first);
  /* Pages of alternating protection take a map each. Some maps are left for the heap. */
  FILE *file = fopen("/proc/sys/vm/max_map_count", "r");
  unsigned long limit = 0;
  assert_non_null(file);
  assert_int_equal(fscanf(file, "%lu", &limit), 1);
  fclose(file);
  if (limit > 1000000) skip();
  char *area = mmap(NULL, (limit + 10) * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  assert_ptr_not_equal(area, MAP_FAILED);
  unsigned long taken = 0;
  while (taken < limit && mprotect(area + taken * PAGE, PAGE, PROT_READ) == 0) taken += 2;
  /* Until the library is at the limit. */
  for (unsigned long index = 0; index < 40 && taken > 2; index++) {
    taken -= 2;
    mprotect(area + taken * PAGE, PAGE, PROT_NONE);
  }
  kstack_credentials **results = calloc(COUNT, sizeof *results);
  assert_non_null(results);
  size_t failed = 0;
  for (size_t index = 0; index < COUNT; index++) {
    kstack_status status = kstack_get_credentials(container, "s3", "layer3", "dev", &results[index], &error);
    if (status == KSTACK_OK) continue;
    failed++;
    check_fails(status, KSTACK_ERROR_INTERNAL, "vm.max_map_count");
    assert_null(results[index]);
    if (failed == 100) break;
  }
  assert_true(failed > 0);
  munmap(area, (limit + 10) * PAGE);
  ranges excluded = excluded_from_dumps();
  for (size_t index = 0; index < COUNT; index++) {
    if (results[index] != NULL) assert_true(holds(excluded, kstack_credentials_get(results[index], "key")));
  }
  free(excluded.items);
  /* It works again when there is room again. */
  check_ok(kstack_get_credentials(container, "s3", "layer3", "dev", &first, &error));
  kstack_credentials_free(first);
  for (size_t index = 0; index < COUNT; index++) kstack_credentials_free(results[index]);
  free(results);
  kstack_container_free(container);
}

int main(void) {
  const struct CMUnitTest slabs[] = {
      cmocka_unit_test_setup_teardown(a_hundred_thousand_live_results_are_all_kept_out_of_dumps, sandbox_setup,
                                      sandbox_teardown),
      cmocka_unit_test_setup_teardown(at_the_limit_of_maps_nothing_is_in_dumps, sandbox_setup, sandbox_teardown),
  };
  /* valgrind itself needs the maps that the second test uses up. */
  if (getenv("KSTACK_TEST_VALGRIND") != NULL) {
    const struct CMUnitTest first[] = {slabs[0]};
    return cmocka_run_group_tests_name("slabs", first, NULL, NULL);
  }
  return cmocka_run_group_tests_name("slabs", slabs, NULL, NULL);
}
