// BoringSSL's X-Wing and what it depends on, as one object. It exports only the functions of CXWing.h, and what none of
// them uses is left out: no AES, no random number generator, no fork detection.
//
// BoringSSL leaves intermediate values on the stack: the caller wipes it.

#include "crypto/fipsmodule/keccak/keccak.cc.inc"

#include "crypto/fipsmodule/mlkem/mlkem.cc.inc"

#include "crypto/bytestring/cbb.cc"
#include "crypto/bytestring/cbs.cc"
#include "crypto/curve25519/curve25519.cc"
#include "crypto/mem.cc"
#include "crypto/mlkem/mlkem.cc"
#include "crypto/xwing/xwing.cc"

#include "CXWing.h"

static_assert(sizeof(XWING_private_key) == CXWING_PRIVATE_KEY_SIZE, "the header has another size of private keys");
static_assert(alignof(XWING_private_key) == CXWING_PRIVATE_KEY_ALIGNMENT, "the header has another alignment");
static_assert(XWING_PRIVATE_KEY_BYTES == CXWING_SEED_SIZE, "the header has another size of seeds");
static_assert(XWING_PUBLIC_KEY_BYTES == CXWING_PUBLIC_KEY_SIZE, "the header has another size of public keys");
static_assert(XWING_CIPHERTEXT_BYTES == CXWING_CIPHERTEXT_SIZE, "the header has another size of ciphertexts");
static_assert(XWING_SHARED_SECRET_BYTES == CXWING_SHARED_SECRET_SIZE, "the header has another size of secrets");

extern "C" {

// What BoringSSL puts in place of a secret when an X-Wing fails, for callers who overlook that. Ours do not.
int RAND_bytes(uint8_t *bytes, size_t count) {
  OPENSSL_memset(bytes, 0, count);
  return 1;
}

// Reasons are for people; the functions return 0 all the same.
void ERR_put_error(int, int, int, const char *, unsigned) {}

__attribute__((visibility("default"))) int cxwing_expand(uint8_t *private_key, const uint8_t *seed) {
  CBS bytes;
  CBS_init(&bytes, seed, CXWING_SEED_SIZE);
  return XWING_parse_private_key(reinterpret_cast<XWING_private_key *>(private_key), &bytes);
}

__attribute__((visibility("default"))) int cxwing_public_key(uint8_t *public_key, const uint8_t *private_key) {
  return XWING_public_from_private(public_key, reinterpret_cast<const XWING_private_key *>(private_key));
}

__attribute__((visibility("default"))) int cxwing_encapsulate(uint8_t *ciphertext, uint8_t *shared_secret,
                                                              const uint8_t *public_key, const uint8_t *entropy) {
  return XWING_encap_external_entropy(ciphertext, shared_secret, public_key, entropy);
}

__attribute__((visibility("default"))) int cxwing_decapsulate(uint8_t *shared_secret, const uint8_t *ciphertext,
                                                              const uint8_t *private_key) {
  return XWING_decap(shared_secret, ciphertext, reinterpret_cast<const XWING_private_key *>(private_key));
}
}
