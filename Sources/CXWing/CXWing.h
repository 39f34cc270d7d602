/* X-Wing, the hybrid KEM of ML-KEM-768 and X25519 (draft-connolly-cfrg-xwing-kem), as BoringSSL computes it. */
#ifndef CXWING_H
#define CXWING_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CXWING_SEED_SIZE 32
/* An expanded seed; its format differs from version to version. */
#define CXWING_PRIVATE_KEY_SIZE 7840
#define CXWING_PUBLIC_KEY_SIZE 1216
#define CXWING_CIPHERTEXT_SIZE 1120
#define CXWING_SHARED_SECRET_SIZE 32
/* The random bytes that an encapsulation needs. */
#define CXWING_ENTROPY_SIZE 64
#define CXWING_PRIVATE_KEY_ALIGNMENT 2

/* All return 1, or 0 for an invalid key or ciphertext, or one with a point of low order. */
int cxwing_expand(uint8_t *private_key, const uint8_t *seed);
int cxwing_public_key(uint8_t *public_key, const uint8_t *private_key);
int cxwing_encapsulate(uint8_t *ciphertext, uint8_t *shared_secret, const uint8_t *public_key, const uint8_t *entropy);
int cxwing_decapsulate(uint8_t *shared_secret, const uint8_t *ciphertext, const uint8_t *private_key);

#ifdef __cplusplus
}
#endif
#endif
