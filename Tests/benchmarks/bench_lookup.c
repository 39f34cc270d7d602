/*
 * Measures a look-up, and the calls of libsodium that it cannot do without, in one process:
 *
 *   bench_lookup PROJECT IDENTITY_FILE SERVICE LAYER HEADER_SIZE PAYLOAD_SIZE ROUNDS ITERATIONS
 *
 * The two sizes are those of the encrypted file. Prints a line for each measurement: its name, and the median over the
 * rounds of the microseconds that one iteration took.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"

/* Used by the measured functions. */
static size_t header_size;
static size_t payload_size;

/* The parts of a file: only their sizes matter. */
static unsigned char identity[crypto_scalarmult_SCALARBYTES];
static unsigned char share[crypto_scalarmult_BYTES];
static unsigned char header[65536];
static unsigned char plain[65536];
static unsigned char payload[65536 + crypto_aead_chacha20poly1305_ietf_ABYTES];
static unsigned char wrapped[16 + crypto_aead_chacha20poly1305_ietf_ABYTES];
static const unsigned char nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES];
static const unsigned char fixed_key[crypto_aead_chacha20poly1305_ietf_KEYBYTES] = {1};

static void hmac(unsigned char *out, const unsigned char *key, size_t key_size, const unsigned char *data,
                 size_t size) {
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, key, key_size);
  crypto_auth_hmacsha256_update(&state, data, size);
  crypto_auth_hmacsha256_final(&state, out);
}

/* HKDF-SHA256 (RFC 5869) for one block: extract and expand. */
static void hkdf(unsigned char *out, const unsigned char *salt, size_t salt_size, const unsigned char *secret,
                 size_t secret_size, const char *label) {
  unsigned char key[crypto_auth_hmacsha256_BYTES];
  unsigned char info[64];
  size_t size = strlen(label);
  memcpy(info, label, size);
  info[size++] = 1;
  hmac(key, salt, salt_size, secret, secret_size);
  hmac(out, key, sizeof key, info, size);
  sodium_memzero(key, sizeof key);
}

/* What age needs to open a file of one stanza and one chunk, with the public half of the identity known. */
static void only_the_cryptography(void) {
  unsigned char shared[crypto_scalarmult_BYTES];
  unsigned char salt[64] = {2};
  unsigned char key[crypto_auth_hmacsha256_BYTES];
  unsigned char file_key[16];
  require(crypto_scalarmult(shared, identity, share) == 0, "crypto_scalarmult");
  hkdf(key, salt, sizeof salt, shared, sizeof shared, "age-encryption.org/v1/X25519");
  require(crypto_aead_chacha20poly1305_ietf_decrypt(file_key, NULL, NULL, wrapped, sizeof wrapped, NULL, 0, nonce,
                                                    fixed_key) == 0,
          "the wrapped key");
  hkdf(key, NULL, 0, file_key, sizeof file_key, "header");
  unsigned char mac[crypto_auth_hmacsha256_BYTES];
  hmac(mac, key, sizeof key, header, header_size);
  hkdf(key, salt, 16, file_key, sizeof file_key, "payload");
  require(crypto_aead_chacha20poly1305_ietf_decrypt(plain, NULL, NULL, payload, payload_size, NULL, 0, nonce,
                                                    fixed_key) == 0,
          "the payload");
}

static void only_the_curve(void) {
  unsigned char shared[crypto_scalarmult_BYTES];
  require(crypto_scalarmult(shared, identity, share) == 0, "crypto_scalarmult");
}

static void only_the_memory(void) {
  unsigned char *memory = sodium_malloc(4096);
  require(memory != NULL, "sodium_malloc");
  memory[0] = 1;
  sodium_free(memory);
}

static void all_of_libsodium(void) {
  only_the_cryptography();
  only_the_memory();
}

static void measure(const char *name, void (*work)(void), int rounds, int iterations) {
  static double times[most_rounds];
  for (int warm = 0; warm < iterations / 4 + 1; warm++) work();
  for (int round = 0; round < rounds; round++) {
    double start = now(CLOCK_MONOTONIC);
    for (int iteration = 0; iteration < iterations; iteration++) work();
    times[round] = (now(CLOCK_MONOTONIC) - start) / iterations;
  }
  printf("%s %.3f\n", name, median(times, rounds));
}

int main(int count, char **arguments) {
  require(count == 9, "usage: PROJECT IDENTITY_FILE SERVICE LAYER HEADER_SIZE PAYLOAD_SIZE ROUNDS ITERATIONS");
  require(sodium_init() >= 0, "sodium_init");
  service = arguments[3];
  layer = arguments[4];
  header_size = strtoul(arguments[5], NULL, 10);
  payload_size = strtoul(arguments[6], NULL, 10);
  int rounds = atoi(arguments[7]);
  int iterations = atoi(arguments[8]);
  require(header_size <= sizeof header && payload_size <= sizeof payload &&
              payload_size >= crypto_aead_chacha20poly1305_ietf_ABYTES && rounds > 0 && rounds <= most_rounds &&
              iterations > 0,
          "a size or a count is out of range");

  unsigned char other[crypto_scalarmult_SCALARBYTES];
  randombytes_buf(identity, sizeof identity);
  randombytes_buf(other, sizeof other);
  require(crypto_scalarmult_base(share, other) == 0, "crypto_scalarmult_base");
  unsigned char file_key[16] = {3};
  crypto_aead_chacha20poly1305_ietf_encrypt(wrapped, NULL, file_key, sizeof file_key, NULL, 0, NULL, nonce, fixed_key);
  crypto_aead_chacha20poly1305_ietf_encrypt(
      payload, NULL, plain, payload_size - crypto_aead_chacha20poly1305_ietf_ABYTES, NULL, 0, NULL, nonce, fixed_key);

  kstack_options options = {0};
  options.struct_size = sizeof options;
  options.project_root = arguments[1];
  options.identity_file = arguments[2];
  kstack_error *error = NULL;
  kstack_status status = kstack_container_new(&options, &container, &error);
  require(status == KSTACK_OK, kstack_error_message(error));

  measure("lookup", look_up, rounds, iterations);
  measure("libsodium", all_of_libsodium, rounds, iterations);
  measure("curve", only_the_curve, rounds, iterations);
  measure("cryptography", only_the_cryptography, rounds, iterations);
  measure("memory", only_the_memory, rounds, iterations);
  kstack_container_free(container);
  return 0;
}
