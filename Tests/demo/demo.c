#include <kstack.h>
#include <stdio.h>

int main(void) {
  kstack_error *error = NULL;
  kstack_container *container = NULL;
  kstack_credentials *credentials = NULL;
  int failed = kstack_container_new(NULL, &container, &error) != KSTACK_OK ||
               kstack_get_credentials(container, "s3", "layer3", "dev", &credentials, &error) != KSTACK_OK;
  if (failed) fprintf(stderr, "%s\n", kstack_error_message(error));
  for (size_t i = 0; i < kstack_credentials_count(credentials); i++) {
    const char *name = kstack_credentials_name(credentials, i);
    printf("%s = %s\n", name, kstack_credentials_get(credentials, name));
  }
  kstack_credentials_free(credentials);
  kstack_container_free(container);
  kstack_error_free(error);
  return failed;
}
