/* Statuses, errors, versions and layers, which need no container. */
#include <stdio.h>

#include "support.h"

static void every_status_has_its_name(void **state) {
  (void)state;
  static const struct {
    kstack_status status;
    int32_t number;
    const char *name;
  } statuses[] = {
      {KSTACK_OK, 0, "KSTACK_OK"},
      {KSTACK_ERROR_INVALID_ARGUMENT, 1, "KSTACK_ERROR_INVALID_ARGUMENT"},
      {KSTACK_ERROR_ENVIRONMENT, 2, "KSTACK_ERROR_ENVIRONMENT"},
      {KSTACK_ERROR_CONFIGURATION, 3, "KSTACK_ERROR_CONFIGURATION"},
      {KSTACK_ERROR_SERVICE_NOT_FOUND, 4, "KSTACK_ERROR_SERVICE_NOT_FOUND"},
      {KSTACK_ERROR_LAYER_ACCESS, 5, "KSTACK_ERROR_LAYER_ACCESS"},
      {KSTACK_ERROR_ROUTE, 6, "KSTACK_ERROR_ROUTE"},
      {KSTACK_ERROR_VAULT, 7, "KSTACK_ERROR_VAULT"},
      {KSTACK_ERROR_CLUSTER_API, 8, "KSTACK_ERROR_CLUSTER_API"},
      {KSTACK_ERROR_IO, 9, "KSTACK_ERROR_IO"},
      {KSTACK_ERROR_INTERNAL, 10, "KSTACK_ERROR_INTERNAL"},
      {KSTACK_ERROR_CONFLICT, 11, "KSTACK_ERROR_CONFLICT"},
      {KSTACK_ERROR_TIMEOUT, 12, "KSTACK_ERROR_TIMEOUT"},
      {KSTACK_ERROR_CANCELLED, 13, "KSTACK_ERROR_CANCELLED"},
  };
  for (size_t index = 0; index < LENGTH(statuses); index++) {
    assert_int_equal(statuses[index].status, statuses[index].number);
    assert_string_equal(kstack_status_name(statuses[index].status), statuses[index].name);
    assert_ptr_equal(kstack_status_name(statuses[index].status), kstack_status_name(statuses[index].status));
  }
}

static void other_numbers_are_unknown_statuses(void **state) {
  (void)state;
  static const kstack_status numbers[] = {-1, 14, 1000, INT32_MAX, INT32_MIN};
  for (size_t index = 0; index < LENGTH(numbers); index++) {
    assert_string_equal(kstack_status_name(numbers[index]), "KSTACK_ERROR_UNKNOWN");
  }
}

static void the_null_error_is_success(void **state) {
  (void)state;
  assert_int_equal(kstack_error_code(NULL), KSTACK_OK);
  assert_string_equal(kstack_error_message(NULL), "");
  assert_false(kstack_error_is_retryable(NULL));
  assert_int_equal(kstack_error_errno(NULL), 0);
  assert_string_equal(kstack_error_path(NULL), "");
}

static void an_error_carries_code_message_and_retry(void **state) {
  (void)state;
  kstack_error *error = GARBAGE(kstack_error *);
  kstack_layer layer = 0;
  assert_int_equal(kstack_layer_parse("layer9", &layer, &error), KSTACK_ERROR_INVALID_ARGUMENT);
  assert_int_equal(kstack_error_code(error), KSTACK_ERROR_INVALID_ARGUMENT);
  check_message(kstack_error_message(error));
  assert_ptr_equal(kstack_error_message(error), kstack_error_message(error));
  assert_false(kstack_error_is_retryable(error));
  assert_int_equal(kstack_error_errno(error), 0);
  assert_string_equal(kstack_error_path(error), "");
  kstack_error_free(error);
}

static void accessors_accept_null_next_to_other_values(void **state) {
  (void)state;
  size_t size = 5;
  assert_null(kstack_credentials_value(NULL, SIZE_MAX, &size));
  assert_int_equal(size, 0);
  assert_null(kstack_credentials_get(NULL, "name"));
  size = 5;
  assert_null(kstack_credentials_get_bytes(NULL, "name", &size));
  assert_int_equal(size, 0);
}

static void the_version_is_the_one_of_the_header(void **state) {
  (void)state;
  char built[64];
  snprintf(built, sizeof built, "%d.%d.%d", KSTACK_VERSION_MAJOR, KSTACK_VERSION_MINOR, KSTACK_VERSION_PATCH);
  assert_string_equal(built, KSTACK_VERSION);
  assert_string_equal(kstack_version(), KSTACK_VERSION);
  assert_int_equal(kstack_abi_version(), KSTACK_ABI_VERSION);
  assert_int_equal(kstack_version_number(), KSTACK_VERSION_NUMBER);
  int major = 0, minor = 0, patch = 0;
  assert_int_equal(sscanf(KSTACK_VERSION, "%d.%d.%d", &major, &minor, &patch), 3);
  assert_int_equal(KSTACK_VERSION_NUMBER, major * 10000 + minor * 100 + patch);
}

static void layers_have_names(void **state) {
  (void)state;
  static const char *const names[] = {"layer0", "layer1", "layer2", "layer3"};
  static const char *const namespaces[] = {"layer-0-applications", "layer-1-tenant-infra", "layer-2-global-services",
                                           "layer-3-global-infra"};
  static const char *const titles[] = {"Layer 0: Applications", "Layer 1: Tenant Infrastructure",
                                       "Layer 2: Global Services", "Layer 3: Global Infrastructure"};
  for (kstack_layer layer = 0; layer < 4; layer++) {
    assert_int_equal(kstack_layer_number(layer), layer);
    assert_string_equal(kstack_layer_name(layer), names[layer]);
    assert_string_equal(kstack_layer_namespace(layer), namespaces[layer]);
    assert_string_equal(kstack_layer_display_name(layer), titles[layer]);
  }
  static const kstack_layer none[] = {-1, 4, INT32_MAX, INT32_MIN};
  for (size_t index = 0; index < LENGTH(none); index++) {
    assert_int_equal(kstack_layer_number(none[index]), -1);
    assert_null(kstack_layer_name(none[index]));
    assert_null(kstack_layer_namespace(none[index]));
    assert_null(kstack_layer_display_name(none[index]));
  }
}

static void layers_are_read_in_each_form(void **state) {
  (void)state;
  static const struct {
    const char *text;
    kstack_layer layer;
  } forms[] = {
      {"layer0", 0},
      {"1", 1},
      {"LAYER2", 2},
      {"Layer3", 3},
      {"layer-0-applications", 0},
      {"LAYER-1-TENANT-INFRA", 1},
      {"layer-2-global-services", 2},
      {"Layer-3-Global-Infra", 3},
  };
  for (size_t index = 0; index < LENGTH(forms); index++) {
    kstack_layer layer = 77;
    kstack_error *error = GARBAGE(kstack_error *);
    check_ok(kstack_layer_parse(forms[index].text, &layer, &error));
    assert_int_equal(layer, forms[index].layer);
    assert_int_equal(kstack_layer_parse(forms[index].text, &layer, NULL), KSTACK_OK);
  }
}

static void other_strings_are_not_layers(void **state) {
  (void)state;
  static const char *const texts[] = {"",
                                      " ",
                                      "4",
                                      "-1",
                                      "00",
                                      "03",
                                      "layer",
                                      "layer4",
                                      "layer03",
                                      "layer-3",
                                      "layer_3",
                                      "layer-3-applications",
                                      "layer3/..",
                                      "\xff",
                                      "layer\xef\xbc\x93",
                                      "l\xc3\xa0yer3",
                                      NULL};
  for (size_t index = 0; index < LENGTH(texts); index++) {
    kstack_layer layer = 77;
    kstack_error *error = GARBAGE(kstack_error *);
    check_fails(kstack_layer_parse(texts[index], &layer, &error), KSTACK_ERROR_INVALID_ARGUMENT, "");
    assert_int_equal(layer, -1);
    assert_int_equal(kstack_layer_parse(texts[index], &layer, NULL), KSTACK_ERROR_INVALID_ARGUMENT);
  }
  kstack_error *error = GARBAGE(kstack_error *);
  check_fails(kstack_layer_parse("layer3", NULL, &error), KSTACK_ERROR_INVALID_ARGUMENT, "");
  assert_int_equal(kstack_layer_parse("layer3", NULL, NULL), KSTACK_ERROR_INVALID_ARGUMENT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_status_has_its_name),
      cmocka_unit_test(other_numbers_are_unknown_statuses),
      cmocka_unit_test(the_null_error_is_success),
      cmocka_unit_test(an_error_carries_code_message_and_retry),
      cmocka_unit_test(accessors_accept_null_next_to_other_values),
      cmocka_unit_test(the_version_is_the_one_of_the_header),
      cmocka_unit_test(layers_have_names),
      cmocka_unit_test(layers_are_read_in_each_form),
      cmocka_unit_test(other_strings_are_not_layers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
