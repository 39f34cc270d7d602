#define _DEFAULT_SOURCE
#include "memory_files.h"

#include <CXWing.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

/* ------------------------------------------------------------------------------------- Writing age files (the child)
 */

/* Ends the child, which the test sees. */
static void need(bool condition) {
  if (!condition) _exit(1);
}

/* Bytes that grow. */
typedef struct bytes {
  unsigned char *data;
  size_t size;
} bytes;

static void add(bytes *to, const void *data, size_t size) {
  if (size == 0) return;
  unsigned char *grown = realloc(to->data, to->size + size);
  need(grown != NULL);
  memcpy(grown + to->size, data, size);
  to->data = grown;
  to->size += size;
}

static void add_text(bytes *to, const char *characters) {
  add(to, characters, strlen(characters));
}

static void add_needle(bytes *to, needle which) {
  unsigned char clear[greatest_size];
  unmask(which, clear);
  add(to, clear, sizes[which]);
}

static void add_base64(bytes *to, const unsigned char *data, size_t size) {
  char encoded[2048];
  sodium_bin2base64(encoded, sizeof encoded, data, size, sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
  add_text(to, encoded);
}

/* HMAC-SHA256 of two pieces. */
static void hmac(unsigned char *code, const void *key, size_t key_size, const void *first, size_t first_size,
                 const void *second, size_t second_size) {
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, key, key_size);
  crypto_auth_hmacsha256_update(&state, first, first_size);
  crypto_auth_hmacsha256_update(&state, second, second_size);
  crypto_auth_hmacsha256_final(&state, code);
}

/* HKDF-SHA256 for 32 bytes. */
static void hkdf(unsigned char *key, const void *secret, size_t secret_size, const void *salt, size_t salt_size,
                 const char *info) {
  unsigned char extracted[32];
  hmac(extracted, salt, salt_size, secret, secret_size, "", 0);
  hmac(key, extracted, sizeof extracted, info, strlen(info), "\001", 1);
}

/* The bytes of a Bech32 string; its checksum is not checked. */
static void decode_bech32(const char *characters, unsigned char *decoded, size_t size) {
  static const char charset[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
  const char *data = strrchr(characters, '1');
  need(data != NULL);
  uint32_t bits = 0;
  unsigned count = 0;
  for (size_t index = 0; index < size;) {
    data++;
    const char *place = strchr(charset, *data >= 'A' && *data <= 'Z' ? *data + ('a' - 'A') : *data);
    need(*data != '\0' && place != NULL);
    bits = bits << 5 | (uint32_t)(place - charset);
    count += 5;
    if (count < 8) continue;
    count -= 8;
    decoded[index++] = (unsigned char)(bits >> count);
  }
}

/* Ends a header with its MAC, then the payload. */
static void finish_age(bytes *age, const unsigned char *file_key, const bytes *plain, bool is_recorded) {
  unsigned char key[32];
  unsigned char code[32];
  add_text(age, "---");
  hkdf(key, file_key, 16, "", 0, "header");
  hmac(code, key, sizeof key, age->data, age->size, "", 0);
  add_text(age, " ");
  add_base64(age, code, sizeof code);
  add_text(age, "\n");
  unsigned char nonce[16];
  randombytes_buf(nonce, sizeof nonce);
  add(age, nonce, sizeof nonce);
  hkdf(key, file_key, 16, nonce, sizeof nonce, "payload");
  if (is_recorded) set_needle(PAYLOAD_KEY, key);
  static unsigned char sealed[chunk_size + 16];
  unsigned char counter[12] = {0};
  for (size_t start = 0;; start += chunk_size) {
    size_t size = plain->size - start < chunk_size ? plain->size - start : chunk_size;
    bool is_last = start + size == plain->size;
    counter[10] = (unsigned char)(start / chunk_size);
    counter[11] = is_last;
    crypto_aead_chacha20poly1305_ietf_encrypt(sealed, NULL, plain->data + start, size, NULL, 0, NULL, counter, key);
    add(age, sealed, size + 16);
    if (is_last) return;
  }
}

/* The body of a stanza: the file key under a key that is used once. */
static void add_body_with(bytes *age, const unsigned char *file_key, const unsigned char *wrap_key,
                          const unsigned char *nonce) {
  unsigned char body[32];
  crypto_aead_chacha20poly1305_ietf_encrypt(body, NULL, file_key, 16, NULL, 0, NULL, nonce, wrap_key);
  add_base64(age, body, sizeof body);
  add_text(age, "\n");
}

static void add_body(bytes *age, const unsigned char *file_key, const unsigned char *wrap_key) {
  static const unsigned char nonce[12];
  add_body_with(age, file_key, wrap_key, nonce);
}

/* HPKE's LabeledExtract, for the suite of X-Wing, HKDF-SHA256 and ChaCha20-Poly1305. */
static void extract(unsigned char *out, const void *salt, size_t salt_size, const char *label, const char *secret) {
  bytes message = {NULL, 0};
  add_text(&message, "HPKE-v1HPKE");
  add(&message, "\x64\x7a\0\1\0\3", 6);
  add_text(&message, label);
  hmac(out, salt, salt_size, message.data, message.size, secret, strlen(secret));
}

/* HPKE's LabeledExpand, for at most 32 bytes. */
static void expand(unsigned char *out, unsigned char size, const unsigned char *secret, const char *label,
                   const unsigned char *context) {
  bytes message = {NULL, 0};
  add(&message, (const unsigned char[]){0, size}, 2);
  add_text(&message, "HPKE-v1HPKE");
  add(&message, "\x64\x7a\0\1\0\3", 6);
  add_text(&message, label);
  add(&message, context, 65);
  unsigned char code[32];
  hmac(code, secret, 32, message.data, message.size, "\001", 1);
  memcpy(out, code, size);
}

/* Adds a stanza for a post-quantum recipient. */
static void add_hybrid_stanza(bytes *age, const char *recipient, const unsigned char *file_key) {
  unsigned char public_key[CXWING_PUBLIC_KEY_SIZE];
  unsigned char entropy[CXWING_ENTROPY_SIZE];
  unsigned char ciphertext[CXWING_CIPHERTEXT_SIZE];
  unsigned char shared[CXWING_SHARED_SECRET_SIZE];
  unsigned char context[65] = {0};
  unsigned char secret[32];
  unsigned char wrap_key[32];
  unsigned char nonce[12];
  decode_bech32(recipient, public_key, sizeof public_key);
  randombytes_buf(entropy, sizeof entropy);
  need(cxwing_encapsulate(ciphertext, shared, public_key, entropy) == 1);
  extract(context + 1, "", 0, "psk_id_hash", "");
  extract(context + 33, "", 0, "info_hash", "age-encryption.org/mlkem768x25519");
  extract(secret, shared, sizeof shared, "secret", "");
  expand(wrap_key, sizeof wrap_key, secret, "key", context);
  expand(nonce, sizeof nonce, secret, "base_nonce", context);
  set_needle(SHARED_SECRET, shared);
  set_needle(WRAP_KEY, wrap_key);
  add_text(age, "-> mlkem768x25519 ");
  add_base64(age, ciphertext, sizeof ciphertext);
  add_text(age, "\n");
  add_body_with(age, file_key, wrap_key, nonce);
}

/* Encrypts for a recipient, with the file key of the search. */
static bytes encrypt(const bytes *plain, const char *recipient) {
  if (strncmp(recipient, "age1pq1", 7) == 0) {
    unsigned char file_key[16];
    unmask(FILE_KEY, file_key);
    bytes age = {NULL, 0};
    add_text(&age, "age-encryption.org/v1\n");
    add_hybrid_stanza(&age, recipient, file_key);
    finish_age(&age, file_key, plain, true);
    return age;
  }
  unsigned char file_key[16];
  unsigned char point[32];
  unsigned char ephemeral[32];
  unsigned char salt[64];
  unsigned char shared[32];
  unsigned char wrap_key[32];
  unmask(FILE_KEY, file_key);
  decode_bech32(recipient, point, sizeof point);
  randombytes_buf(ephemeral, sizeof ephemeral);
  need(crypto_scalarmult_base(salt, ephemeral) == 0);
  memcpy(salt + 32, point, 32);
  need(crypto_scalarmult(shared, ephemeral, point) == 0);
  hkdf(wrap_key, shared, sizeof shared, salt, sizeof salt, "age-encryption.org/v1/X25519");
  set_needle(SHARED_SECRET, shared);
  set_needle(WRAP_KEY, wrap_key);
  bytes age = {NULL, 0};
  add_text(&age, "age-encryption.org/v1\n-> X25519 ");
  add_base64(&age, salt, 32);
  add_text(&age, "\n");
  add_body(&age, file_key, wrap_key);
  finish_age(&age, file_key, plain, true);
  return age;
}

/* Encrypts with the passphrase of the search. */
static bytes encrypt_with_passphrase(const bytes *plain) {
  static const char label[] = "age-encryption.org/v1/scrypt";
  unsigned char file_key[16];
  unsigned char passphrase[64];
  unsigned char salt[sizeof label - 1 + 16];
  unsigned char wrap_key[32];
  unmask(FILE_KEY, file_key);
  unmask(PASSPHRASE, passphrase);
  memcpy(salt, label, sizeof label - 1);
  randombytes_buf(salt + sizeof label - 1, 16);
  need(crypto_pwhash_scryptsalsa208sha256_ll(passphrase, sizes[PASSPHRASE], salt, sizeof salt, 1 << 10, 8, 1, wrap_key,
                                             sizeof wrap_key) == 0);
  bytes age = {NULL, 0};
  add_text(&age, "age-encryption.org/v1\n-> scrypt ");
  add_base64(&age, salt + sizeof label - 1, 16);
  add_text(&age, " 10\n");
  add_body(&age, file_key, wrap_key);
  finish_age(&age, file_key, plain, false);
  return age;
}

/* ------------------------------------------------------------------------------------------------- Files with secrets
 */

static void add_credentials(bytes *plain, const char *service) {
  add_text(plain, service);
  add_text(plain, ":\n  short: ");
  add_needle(plain, SHORT_SECRET);
  add_text(plain, "\n  middle: \"");
  add_needle(plain, MIDDLE_SECRET);
  add_text(plain, "\"\n  long: ");
  add_needle(plain, LONG_SECRET);
  add_text(plain, "\n  block: |\n    ");
  add_needle(plain, LONG_SECRET);
  add_text(plain, "\n  folded: >-\n    ");
  add_needle(plain, MIDDLE_SECRET);
  add_text(plain, "\n    ");
  add_needle(plain, MIDDLE_SECRET);
  add_text(plain, "\n  escaped: \"\\t");
  add_needle(plain, LONG_SECRET);
  add_text(plain, "\\u00e9\"\n  nested: {list: [");
  add_needle(plain, SHORT_SECRET);
  add_text(plain, ", '");
  add_needle(plain, LONG_SECRET);
  add_text(plain, "'], inner: {deep: ");
  add_needle(plain, MIDDLE_SECRET);
  add_text(plain, "}}\n  ");
  add_needle(plain, SHORT_SECRET);
  add_text(plain, ": key\n  named: &");
  add_needle(plain, SHORT_SECRET);
  add_text(plain, " x\n  again: *");
  add_needle(plain, SHORT_SECRET);
  add_text(plain, "\n");
}

static bytes yaml_with(fault wrong) {
  bytes plain = {NULL, 0};
  if (wrong == NO_MAPPING) {
    add_text(&plain, "- ");
    add_needle(&plain, LONG_SECRET);
    return plain;
  }
  if (wrong == NO_CREDENTIALS) {
    add_text(&plain, "s3: ");
    add_needle(&plain, LONG_SECRET);
    return plain;
  }
  add_credentials(&plain, "s3");
  add_credentials(&plain, "database");
  if (wrong == DAMAGED_SECOND_CHUNK) {
    for (int line = 0; line < 4000; line++) add_text(&plain, "# a line of a comment\n");
  }
  if (wrong == MALFORMED || wrong == PLAIN_MALFORMED) add_text(&plain, "bad: [ ");
  if (wrong == DUPLICATE_KEY) add_text(&plain, "s3: ");
  if (wrong == TAG) add_text(&plain, "tagged: !!binary ");
  if (wrong == UNKNOWN_ALIAS) add_text(&plain, "alias: *x");
  if (wrong == BAD_UTF8) add_text(&plain, "utf8: \xff");
  if (wrong == SECOND_DOCUMENT) add_text(&plain, "---\n");
  if (wrong == MERGE_KEY) add_text(&plain, "<<: ");
  for (int depth = 0; wrong == TOO_DEEP && depth < 5000; depth++) add_text(&plain, "[");
  add_needle(&plain, MIDDLE_SECRET);
  if (wrong == MALFORMED || wrong == PLAIN_MALFORMED) add_text(&plain, ": }");
  if (wrong == NO_FAULT || wrong >= DAMAGED_HEADER) add_text(&plain, ": last");
  add_text(&plain, "\n");
  return plain;
}

/* The path of the identity. */
const char *identity_path(sandbox *box) {
  return text(box, "%s/keys/hidden.txt", box->root);
}

/* Makes the identity of the search. */
void make_identity(sandbox *box) {
  const char *path = identity_path(box);
  need(run((const char *const[]){"age-keygen", "-o", path, NULL}, NULL) == 0);
  char *content = read_file(path, NULL);
  char *recipient = strstr(content, "age1");
  char *secret = strstr(content, "AGE-SECRET-KEY-1");
  need(recipient != NULL && secret != NULL);
  recipient[strcspn(recipient, "\r\n")] = '\0';
  secret[strcspn(secret, "\r\n")] = '\0';
  need(strlen(recipient) < sizeof secrets->recipient && strlen(secret) == 16 + sizes[IDENTITY_TEXT]);
  strcpy(secrets->recipient, recipient);
  unsigned char decoded[32];
  decode_bech32(secret, decoded, sizeof decoded);
  set_needle(IDENTITY_BYTES, decoded);
  set_needle(IDENTITY_TEXT, (const unsigned char *)secret + 16);
  bytes line = {NULL, 0};
  add_text(&line, secret);
  add_text(&line, "\n");
  bytes age = encrypt_with_passphrase(&line);
  write_file(text(box, "%s/keys/hidden.age", box->root), age.data, age.size, 0600);
  write_text(text(box, "%s/.recipients/dev.txt", box->vault), text(box, "%s\n", recipient), 0644);
}

/* Makes a post-quantum identity in place of the other. */
void make_hybrid_identity(sandbox *box) {
  char *secret = NULL;
  char *recipient = NULL;
  need(kstack_identity_generate_post_quantum(&secret, &recipient, NULL) == KSTACK_OK);
  need(strlen(recipient) < sizeof secrets->recipient && strlen(secret) == 19 + sizes[IDENTITY_TEXT]);
  strcpy(secrets->recipient, recipient);
  unsigned char seed[CXWING_SEED_SIZE];
  unsigned char expanded[CXWING_PRIVATE_KEY_SIZE];
  decode_bech32(secret, seed, sizeof seed);
  need(cxwing_expand(expanded, seed) == 1);
  set_needle(IDENTITY_BYTES, seed);
  set_needle(IDENTITY_TEXT, (const unsigned char *)secret + 19);
  /* The secret polynomials, the rejection secret, and the key of X25519; the seed follows. */
  set_needle(EXPANDED_KEY, expanded + sizeof expanded - sizeof seed - sizes[EXPANDED_KEY]);
  write_text(identity_path(box), text(box, "%s\n", secret), 0600);
  write_text(text(box, "%s/.recipients/dev.txt", box->vault), text(box, "%s\n", recipient), 0644);
}

const char *layer_file(sandbox *box, const char *name) {
  return text(box, "%s/dev/layer3/%s", box->vault, name);
}

/* Writes the encrypted credentials. */
void put_credentials(sandbox *box, fault wrong) {
  bytes plain = yaml_with(wrong);
  if (wrong == PLAIN_MALFORMED) {
    write_file(layer_file(box, FILE_NAME), plain.data, plain.size, 0600);
    return;
  }
  bytes age = encrypt(&plain, wrong == FOREIGN ? box->other.recipient : secrets->recipient);
  if (wrong == DAMAGED_HEADER) age.data[strlen("age-encryption.org/v1\n-> X25519 ") + 60]++;
  if (wrong == DAMAGED_CHUNK) age.data[age.size - 1] ^= 1;
  if (wrong == DAMAGED_SECOND_CHUNK) age.data[age.size - 1] ^= 1;
  if (wrong == TRUNCATED) age.size -= 20;
  write_file(layer_file(box, "secret." FILE_NAME), age.data, age.size, 0644);
}

static void add_pair(bytes *plain, const char *name, needle which) {
  add_text(plain, name);
  add_needle(plain, which);
  add_text(plain, "\n");
}

static void put_encrypted(sandbox *box, const char *name, const bytes *plain) {
  bytes age = encrypt(plain, secrets->recipient);
  write_file(layer_file(box, name), age.data, age.size, 0644);
}

/* Writes secrets of the layer, credentials of a provider, and keys for AWS. */
void put_services(sandbox *box, fault wrong) {
  (void)wrong;
  bytes layer = {NULL, 0};
  add_pair(&layer, "short: ", SHORT_SECRET);
  add_pair(&layer, "middle: ", MIDDLE_SECRET);
  add_pair(&layer, "long: ", LONG_SECRET);
  put_encrypted(box, "secret.layer.yaml", &layer);
  bytes services = {NULL, 0};
  add_text(&services, "s3:\n");
  add_pair(&services, "  access_key_id: ", SHORT_SECRET);
  add_pair(&services, "  secret_access_key: ", MIDDLE_SECRET);
  add_pair(&services, "  session_token: ", LONG_SECRET);
  add_text(&services, "providers:\n  localstack:\n");
  add_pair(&services, "    short: ", SHORT_SECRET);
  add_pair(&services, "    middle: ", MIDDLE_SECRET);
  add_pair(&services, "    long: ", LONG_SECRET);
  put_encrypted(box, "secret." FILE_NAME, &services);
}

/* Writes six files for a run over the vault: small, empty, of several chunks. */
void put_vault(sandbox *box, fault wrong) {
  (void)wrong;
  for (int number = 0; number < 6; number++) {
    bytes plain = {NULL, 0};
    for (int round = 0; round < number * number; round++) add_credentials(&plain, "s3");
    bytes age = encrypt(&plain, secrets->recipient);
    write_file(layer_file(box, text(box, "secret.%d.yaml", number)), age.data, age.size, 0644);
  }
}

/* Edits two plaintexts, as their owner does. */
void edit_vault(sandbox *box, fault wrong) {
  (void)wrong;
  for (int number = 2; number < 4; number++) {
    bytes plain = {NULL, 0};
    add_text(&plain, "edited: ");
    add_needle(&plain, LONG_SECRET);
    add_needle(&plain, SHORT_SECRET);
    write_file(layer_file(box, text(box, "%d.yaml", number)), plain.data, plain.size, 0600);
  }
}
