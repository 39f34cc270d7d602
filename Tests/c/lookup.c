/*
 * A small client of the library, for tests that need their own process:
 *
 *   lookup PROJECT IDENTITY_FILE SERVICE LAYER
 *
 * prints the credentials as JSON; or the error, then the name of its status, and exits with 1.
 */
#include <stdio.h>

#include "kstack.h"

int main(int count, char **arguments) {
  if (count != 5) return 2;
  kstack_options options = {0};
  options.struct_size = sizeof options;
  options.project_root = arguments[1];
  options.identity_file = arguments[2];
  kstack_container *container = NULL;
  kstack_credentials *credentials = NULL;
  kstack_error *error = NULL;
  kstack_status status = kstack_container_new(&options, &container, &error);
  if (status == KSTACK_OK) {
    status = kstack_get_credentials(container, arguments[3], arguments[4], NULL, &credentials, &error);
  }
  if (status == KSTACK_OK) {
    printf("%s\n", kstack_credentials_json(credentials));
  } else {
    printf("%s\n%s\n", kstack_error_message(error), kstack_status_name(status));
  }
  kstack_error_free(error);
  kstack_credentials_free(credentials);
  kstack_container_free(container);
  return status == KSTACK_OK ? 0 : 1;
}
