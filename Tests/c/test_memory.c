/*
 * No secret is left in the memory of the process: the tests use the library, free everything, and then look for every
 * piece of 8 bytes of what was secret in all that /proc/self/mem can read.
 *
 * The process itself never knows a secret: it holds them masked, and a child of it unmasks them and writes the files.
 * Each test makes new secrets, so that nothing of another test counts.
 */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"

#define FILE_NAME "cloud-credentials.yaml"

/* --------------------------------------------------------------------------------------------------- What is secret */

/* What is looked for. */
typedef enum needle {
  SHORT_SECRET,
  MIDDLE_SECRET,
  LONG_SECRET,
  FILE_KEY,
  PAYLOAD_KEY,
  WRAP_KEY,
  SHARED_SECRET,
  IDENTITY_TEXT,
  IDENTITY_BYTES,
  PASSPHRASE,
  NEEDLES
} needle;

static const char *const needle_names[NEEDLES] = {
    "the secret of 40 bytes", "the secret of 300 bytes", "the secret of 2000 bytes",
    "the file key",           "the payload key",         "the wrap key",
    "the shared secret",      "the identity's text",     "the identity's bytes",
    "the passphrase",
};

/* The lengths; of the identity's text only what follows "AGE-SECRET-KEY-1", which is in the library itself. */
static const size_t sizes[NEEDLES] = {40, 300, 2000, 16, 32, 32, 32, 58, 32, 24};

#define BIT(name) (1U << (name))
#define CONTENT (BIT(SHORT_SECRET) | BIT(MIDDLE_SECRET) | BIT(LONG_SECRET))
#define KEYS (BIT(FILE_KEY) | BIT(PAYLOAD_KEY) | BIT(WRAP_KEY) | BIT(SHARED_SECRET))
#define ALL (BIT(NEEDLES) - 1)

enum { window = 8, greatest_size = 2000, table_bits = 14, filter_bits = 20 };

/* Each byte is XORed with the mask's. */
typedef struct hidden {
  unsigned char mask;
  unsigned char bytes[NEEDLES][greatest_size];
  char recipient[128];
} hidden;

/* Shared with the child that makes files. */
static hidden *secrets;

/* Unmasked into memory of the child only, or for a moment. */
static void unmask(needle which, unsigned char *clear) {
  for (size_t index = 0; index < sizes[which]; index++) clear[index] = secrets->bytes[which][index] ^ secrets->mask;
}

static void set_needle(needle which, const unsigned char *clear) {
  for (size_t index = 0; index < sizes[which]; index++) secrets->bytes[which][index] = clear[index] ^ secrets->mask;
}

/* New secrets, masked from the start. */
static void make_secrets(void) {
  static const char characters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  assert_true(sodium_init() >= 0);
  secrets = mmap(NULL, sizeof *secrets, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  assert_true(secrets != MAP_FAILED);
  /* With the highest bit no masked text is a text. */
  secrets->mask = (unsigned char)(0x80 | randombytes_uniform(0x80));
  for (needle which = 0; which < NEEDLES; which++) {
    for (size_t index = 0; index < sizes[which]; index++) {
      unsigned char byte = which == FILE_KEY ? (unsigned char)randombytes_uniform(256)
                                             : (unsigned char)characters[randombytes_uniform(sizeof characters - 1)];
      secrets->bytes[which][index] = byte ^ secrets->mask;
    }
  }
}

/* ------------------------------------------------------------------------------------------------------- The search */

/* Where a piece of 8 bytes belongs, by its masked value; 0 where the table is empty. */
static struct entry {
  uint64_t masked;
  needle owner;
} table[1 << table_bits];
static unsigned char filter[(1 << filter_bits) / 8];

/* What was read last; the one piece of memory that is not searched. */
static unsigned char buffer[1 << 20];
static char maps[1 << 20];

/* How many pieces were found of each. */
static size_t found[NEEDLES];

static uint64_t spread(uint64_t masked) {
  return masked * UINT64_C(0x9e3779b97f4a7c15);
}

static uint64_t wide_mask(void) {
  return secrets->mask * UINT64_C(0x0101010101010101);
}

static void fill_table(void) {
  memset(table, 0, sizeof table);
  memset(filter, 0, sizeof filter);
  for (needle which = 0; which < NEEDLES; which++) {
    for (size_t start = 0; start + window <= sizes[which]; start++) {
      uint64_t masked;
      memcpy(&masked, &secrets->bytes[which][start], window);
      uint64_t hash = spread(masked);
      size_t bit = hash >> (64 - filter_bits);
      filter[bit / 8] |= (unsigned char)(1 << (bit % 8));
      size_t place = hash >> (64 - table_bits);
      while (table[place].masked != 0 && table[place].masked != masked) place = (place + 1) % LENGTH(table);
      table[place].masked = masked;
      table[place].owner = which;
    }
  }
}

/* The needle that a piece is of; NEEDLES for none. */
static needle owner_of(uint64_t masked) {
  size_t place = spread(masked) >> (64 - table_bits);
  while (table[place].masked != 0) {
    if (table[place].masked == masked) return table[place].owner;
    place = (place + 1) % LENGTH(table);
  }
  return NEEDLES;
}

/* Looks through one mapping; says where it found one of `unwanted`. */
static void search_mapping(int memory, uintptr_t start, uintptr_t end, const char *label, unsigned unwanted) {
  uint64_t mask = wide_mask();
  uintptr_t own_start = (uintptr_t)buffer;
  uintptr_t own_end = own_start + sizeof buffer;
  for (uintptr_t at = start; at < end;) {
    if (at >= own_start && at < own_end) {
      at = own_end;
      continue;
    }
    size_t size = end - at < sizeof buffer ? end - at : sizeof buffer;
    if (at < own_start && size > own_start - at) size = own_start - at;
    ssize_t count = pread(memory, buffer, size, (off_t)at);
    if (count <= 0) return;
    needle last = NEEDLES;
    for (size_t index = 0; index + window <= (size_t)count; index++) {
      uint64_t masked;
      memcpy(&masked, buffer + index, window);
      masked ^= mask;
      size_t bit = spread(masked) >> (64 - filter_bits);
      if ((filter[bit / 8] >> (bit % 8) & 1) == 0) continue;
      needle owner = owner_of(masked);
      if (owner == NEEDLES) continue;
      found[owner]++;
      if (owner != last && (BIT(owner) & unwanted) != 0) {
        print_error("%s is at %p, %s\n", needle_names[owner], (void *)(at + index), label);
      }
      last = owner;
    }
    if ((size_t)count < window || at + (size_t)count >= end) return;
    /* A piece may lie across the ends of two reads. */
    at += (size_t)count - (window - 1);
    if (at + window > own_start && at < own_end) at = own_end;
  }
}

/* Looks through all memory of the process that can be read. */
static void search(unsigned unwanted) {
  memset(found, 0, sizeof found);
  fill_table();
  int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
  int list = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  assert_true(memory >= 0 && list >= 0);
  size_t length = 0;
  ssize_t count;
  while ((count = read(list, maps + length, sizeof maps - 1 - length)) > 0) length += (size_t)count;
  assert_int_equal(count, 0);
  assert_true(length > 0 && length < sizeof maps - 1);
  maps[length] = '\0';
  close(list);
  for (char *line = maps; *line != '\0';) {
    char *next = strchr(line, '\n');
    assert_non_null(next);
    *next = '\0';
    unsigned long start;
    unsigned long end;
    char mode[8];
    assert_int_equal(sscanf(line, "%lx-%lx %7s", &start, &end, mode), 3);
    if (mode[0] == 'r') search_mapping(memory, start, end, line, unwanted);
    line = next + 1;
  }
  close(memory);
  explicit_bzero(buffer, sizeof buffer);
}

/* Checks that nothing of what is in `wanted` is in memory. */
#define check_gone(wanted) check_gone_at((wanted), __FILE__, __LINE__)
static void check_gone_at(unsigned wanted, const char *file, int line) {
  search(wanted);
  bool is_found = false;
  for (needle which = 0; which < NEEDLES; which++) {
    if ((BIT(which) & wanted) == 0 || found[which] == 0) continue;
    print_error("%s is in memory: %zu pieces\n", needle_names[which], found[which]);
    is_found = true;
  }
  if (is_found) _fail(file, line);
}

/* Checks that each one in `wanted` is in memory as a whole, so that its absence later says something. */
#define check_there(wanted) check_there_at((wanted), __FILE__, __LINE__)
static void check_there_at(unsigned wanted, const char *file, int line) {
  search(0);
  for (needle which = 0; which < NEEDLES; which++) {
    if ((BIT(which) & wanted) == 0 || found[which] >= sizes[which] - window + 1) continue;
    print_error("%s is not in memory: %zu pieces\n", needle_names[which], found[which]);
    _fail(file, line);
  }
}

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
  char encoded[128];
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

/* The bytes of a Bech32 text; its checksum is not looked at. */
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
  static unsigned char sealed[65536 + 16];
  unsigned char counter[12] = {0};
  for (size_t start = 0;; start += 65536) {
    size_t size = plain->size - start < 65536 ? plain->size - start : 65536;
    bool is_last = start + size == plain->size;
    counter[10] = (unsigned char)(start / 65536);
    counter[11] = is_last;
    crypto_aead_chacha20poly1305_ietf_encrypt(sealed, NULL, plain->data + start, size, NULL, 0, NULL, counter, key);
    add(age, sealed, size + 16);
    if (is_last) return;
  }
}

/* The body of a stanza: the file key under a key that is used once. */
static void add_body(bytes *age, const unsigned char *file_key, const unsigned char *wrap_key) {
  static const unsigned char nonce[12];
  unsigned char body[32];
  crypto_aead_chacha20poly1305_ietf_encrypt(body, NULL, file_key, 16, NULL, 0, NULL, nonce, wrap_key);
  add_base64(age, body, sizeof body);
  add_text(age, "\n");
}

/* Encrypts for a recipient, with the file key that is looked for. */
static bytes encrypt(const bytes *plain, const char *recipient) {
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

/* Encrypts with the passphrase that is looked for. */
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

/* What is wrong with a file. */
typedef enum fault {
  NO_FAULT,
  MALFORMED,
  DUPLICATE_KEY,
  TAG,
  UNKNOWN_ALIAS,
  BAD_UTF8,
  NO_MAPPING,
  NO_CREDENTIALS,
  TOO_DEEP,
  SECOND_DOCUMENT,
  MERGE_KEY,
  DAMAGED_HEADER,
  DAMAGED_CHUNK,
  DAMAGED_SECOND_CHUNK,
  TRUNCATED,
  FOREIGN,
  PLAIN_MALFORMED,
} fault;

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

/* Where the identity lies. */
static const char *identity_path(sandbox *box) {
  return text(box, "%s/keys/hidden.txt", box->root);
}

/* Makes the identity that is looked for. */
static void make_identity(sandbox *box) {
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

static const char *layer_file(sandbox *box, const char *name) {
  return text(box, "%s/dev/layer3/%s", box->vault, name);
}

/* Writes the encrypted credentials. */
static void put_credentials(sandbox *box, fault wrong) {
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
static void put_services(sandbox *box, fault wrong) {
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
static void put_vault(sandbox *box, fault wrong) {
  (void)wrong;
  for (int number = 0; number < 6; number++) {
    bytes plain = {NULL, 0};
    for (int round = 0; round < number * number; round++) add_credentials(&plain, "s3");
    bytes age = encrypt(&plain, secrets->recipient);
    write_file(layer_file(box, text(box, "secret.%d.yaml", number)), age.data, age.size, 0644);
  }
}

/* Edits two plaintexts, as their owner does. */
static void edit_vault(sandbox *box, fault wrong) {
  (void)wrong;
  for (int number = 2; number < 4; number++) {
    bytes plain = {NULL, 0};
    add_text(&plain, "edited: ");
    add_needle(&plain, LONG_SECRET);
    add_needle(&plain, SHORT_SECRET);
    write_file(layer_file(box, text(box, "%d.yaml", number)), plain.data, plain.size, 0600);
  }
}

/* Runs what knows secrets in a child. */
static void in_child(sandbox *box, void (*body)(sandbox *box, fault wrong), fault wrong) {
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    body(box, wrong);
    _exit(0);
  }
  assert_int_equal(wait_for(child), 0);
}

static void setup_in_child(sandbox *box, fault wrong) {
  (void)wrong;
  make_identity(box);
}

/* A heap in which free blocks lie between others, so that what is moved leaves pieces. */
static void *blocks[20000];

static void fragment_heap(void) {
  uint32_t random = 1;
  for (size_t index = 0; index < LENGTH(blocks); index++) {
    random = random * 1664525 + 1013904223;
    size_t size = 16 + (random >> 16) % (index % 7 == 0 ? 4096 : 256);
    blocks[index] = malloc(size);
    assert_non_null(blocks[index]);
    memset(blocks[index], 0x5a, size);
  }
  for (size_t index = 0; index < LENGTH(blocks); index++) {
    if (index % 3 == 0) continue;
    free(blocks[index]);
    blocks[index] = NULL;
  }
}

static int setup(void **state) {
  sandbox *box = sandbox_new();
  make_secrets();
  in_child(box, setup_in_child, NO_FAULT);
  fragment_heap();
  *state = box;
  return 0;
}

static int teardown(void **state) {
  for (size_t index = 0; index < LENGTH(blocks); index++) free(blocks[index]);
  memset(blocks, 0, sizeof blocks);
  munmap(secrets, sizeof *secrets);
  return sandbox_teardown(state);
}

/* A container with the identity that is looked for. */
static kstack_container *container_with(sandbox *box, const char *identity_file, const char *passphrase) {
  kstack_options options = {0};
  options.struct_size = sizeof options;
  options.project_root = box->project;
  options.identity_file = identity_file;
  options.passphrase = passphrase;
  kstack_container *container = NULL;
  kstack_error *error = NULL;
  check_ok(kstack_container_new(&options, &container, &error));
  return container;
}

/* --------------------------------------------------------------------------------------------------------- The tests
 */

static void the_search_finds_what_is_planted(void **state) {
  (void)state;
  check_gone(ALL);
  for (needle which = 0; which < NEEDLES; which++) {
    unsigned char *block = malloc(greatest_size);
    assert_non_null(block);
    unmask(which, block);
    check_there(BIT(which));
    /* One window is enough, whichever it is. */
    explicit_bzero(block, sizes[which] - window);
    search(0);
    assert_int_equal(found[which], 1);
    explicit_bzero(block, greatest_size);
    unmask(which, block);
    explicit_bzero(block + window, sizes[which] - window);
    search(0);
    assert_int_equal(found[which], 1);
    explicit_bzero(block, greatest_size);
    free(block);
    check_gone(ALL);
  }
}

static void nothing_is_left_of_a_look_up(void **state) {
  sandbox *box = *state;
  in_child(box, put_credentials, NO_FAULT);
  kstack_container *container = container_with(box, identity_path(box), NULL);
  kstack_error *error = NULL;
  for (int round = 0; round < 3; round++) {
    kstack_credentials *credentials = NULL;
    check_ok(kstack_get_credentials(container, "s3", "layer3", NULL, &credentials, &error));
    size_t size = 0;
    assert_non_null(kstack_credentials_value(credentials, 0, &size));
    assert_int_equal(size, sizes[SHORT_SECRET]);
    assert_non_null(kstack_credentials_get(credentials, "long"));
    assert_non_null(kstack_credentials_json(credentials));
    check_there(CONTENT);
    kstack_credentials_free(credentials);
    check_gone(CONTENT | KEYS);
  }
  check_there(BIT(IDENTITY_BYTES));
  kstack_container_free(container);
  check_gone(ALL);
}

static void nothing_is_left_of_a_list_of_services(void **state) {
  sandbox *box = *state;
  in_child(box, put_credentials, NO_FAULT);
  kstack_container *container = container_with(box, identity_path(box), NULL);
  kstack_error *error = NULL;
  kstack_string_list *list = NULL;
  check_ok(kstack_list_services(container, "layer3", NULL, &list, &error));
  check_list(list, "s3", "database");
  kstack_string_list_free(list);
  kstack_container_free(container);
  check_gone(ALL);
}

static void nothing_is_left_of_layer_secrets_and_services(void **state) {
  sandbox *box = *state;
  in_child(box, put_services, NO_FAULT);
  write_text(text(box, "%s/config/environments/dev.yaml", box->project),
             "environment: dev\ndeployment_targets: {layer3: {provider: localstack}}\n", 0644);
  write_text(text(box, "%s/config/providers/localstack.yaml", box->project),
             "name: localstack\nprovider_family: aws\nprovider_implementation: localstack\n"
             "services: {s3: {endpoint_url: \"http://127.0.0.1:1\"}}\n",
             0644);
  kstack_container *container = container_with(box, identity_path(box), NULL);
  kstack_error *error = NULL;
  kstack_credentials *credentials = NULL;
  for (int round = 0; round < 2; round++) {
    check_ok(kstack_load_secrets(container, "layer3", NULL, &credentials, &error));
    check_there(CONTENT);
    kstack_credentials_free(credentials);
    check_gone(CONTENT | KEYS);
    check_ok(kstack_resolve_service(container, "s3", "layer3", NULL, NULL, &credentials, &error));
    check_there(CONTENT);
    kstack_credentials_free(credentials);
    check_gone(CONTENT | KEYS);
    char *json = NULL;
    check_ok(kstack_aws_credential_process(container, "s3", "layer3", NULL, &json, &error));
    check_there(CONTENT);
    kstack_string_free(json);
    check_gone(CONTENT | KEYS);
    check_fails(kstack_resolve_service(container, "sqs", "layer3", NULL, NULL, &credentials, &error),
                KSTACK_ERROR_SERVICE_NOT_FOUND, "sqs");
    check_gone(CONTENT | KEYS);
  }
  kstack_container_free(container);
  check_gone(ALL);
}

/* Answers with the secrets, and spoils the answer at its end where `context` says so. */
static kstack_status answer(void *context, const char *service, const char *layer, const char *environment,
                            kstack_reply *reply) {
  (void)service;
  (void)layer;
  (void)environment;
  static const char *const names[] = {"short", "middle", "long"};
  unsigned char *clear = malloc(greatest_size);
  if (clear == NULL) return KSTACK_ERROR_INTERNAL;
  for (needle which = SHORT_SECRET; which <= LONG_SECRET; which++) {
    unmask(which, clear);
    kstack_reply_set(reply, names[which], clear, sizes[which]);
  }
  explicit_bzero(clear, greatest_size);
  free(clear);
  return *(bool *)context ? kstack_reply_set(reply, "short", "twice", 5) : KSTACK_OK;
}

static void nothing_is_left_of_the_answer_of_a_program(void **state) {
  sandbox *box = *state;
  bool is_spoiled = false;
  kstack_container *container = container_with(box, box->identity_file, NULL);
  kstack_secrets_provider provider = {.struct_size = sizeof provider, .context = &is_spoiled};
  provider.get_credentials = answer;
  kstack_error *error = NULL;
  kstack_credentials *credentials = NULL;
  check_ok(kstack_container_set_secrets_provider(container, &provider, &error));
  check_ok(kstack_get_credentials(container, "s3", "layer3", NULL, &credentials, &error));
  check_there(CONTENT);
  kstack_credentials_free(credentials);
  check_gone(CONTENT);
  is_spoiled = true;
  check_fails(kstack_get_credentials(container, "s3", "layer3", NULL, &credentials, &error), KSTACK_ERROR_INTERNAL,
              "more than once");
  check_gone(CONTENT);
  kstack_container_free(container);
}

static void nothing_is_left_of_reading_and_writing(void **state) {
  sandbox *box = *state;
  in_child(box, put_credentials, NO_FAULT);
  kstack_container *container = container_with(box, identity_path(box), NULL);
  kstack_error *error = NULL;
  kstack_vault *vault = NULL;
  check_ok(kstack_vault_open(container, NULL, &vault, &error));
  kstack_secret *secret = NULL;
  check_ok(kstack_vault_read(vault, "layer3", FILE_NAME, &secret, &error));
  check_there(CONTENT);
  check_ok(kstack_vault_write(vault, "layer2", "copy.yaml", kstack_secret_data(secret), kstack_secret_size(secret),
                              NULL, &error));
  check_fails(kstack_vault_write(vault, "layer2", "copy.yaml", kstack_secret_data(secret), kstack_secret_size(secret),
                                 "nobody", &error),
              KSTACK_ERROR_CONFIGURATION, "nobody");
  kstack_secret_free(secret);
  check_gone(CONTENT | KEYS);
  check_ok(kstack_vault_read(vault, "layer2", "copy.yaml", &secret, &error));
  check_there(CONTENT);
  kstack_secret_free(secret);
  kstack_vault_free(vault);
  kstack_container_free(container);
  check_gone(ALL);
}

static void count_results(const kstack_vault_report *report, kstack_vault_result wanted, size_t count) {
  size_t found_count = 0;
  for (size_t index = 0; index < kstack_vault_report_count(report); index++) {
    if (kstack_vault_report_result(report, index) == wanted) found_count++;
  }
  assert_int_equal(found_count, count);
}

static void nothing_is_left_of_runs_over_a_vault(void **state) {
  sandbox *box = *state;
  in_child(box, put_vault, NO_FAULT);
  kstack_container *container = container_with(box, identity_path(box), NULL);
  kstack_error *error = NULL;
  kstack_vault *vault = NULL;
  kstack_vault_report *report = NULL;
  check_ok(kstack_vault_open(container, NULL, &vault, &error));
  check_ok(kstack_vault_decrypt(vault, NULL, &report, &error));
  count_results(report, KSTACK_VAULT_WRITTEN, 6);
  kstack_vault_report_free(report);
  check_gone(CONTENT | KEYS);
  in_child(box, edit_vault, NO_FAULT);
  check_fails(kstack_vault_decrypt(vault, NULL, &report, &error), KSTACK_ERROR_CONFLICT, "");
  count_results(report, KSTACK_VAULT_CONFLICT, 2);
  kstack_vault_report_free(report);
  check_gone(CONTENT | KEYS);
  check_ok(kstack_vault_encrypt(vault, NULL, &report, &error));
  kstack_vault_report_free(report);
  kstack_vault_free(vault);
  kstack_container_free(container);
  check_gone(ALL);
}

static void nothing_is_left_of_an_identity_with_a_passphrase(void **state) {
  sandbox *box = *state;
  in_child(box, put_credentials, NO_FAULT);
  unsigned char *passphrase = calloc(1, 64);
  assert_non_null(passphrase);
  unmask(PASSPHRASE, passphrase);
  const char *path = text(box, "%s/keys/hidden.age", box->root);
  kstack_container *container = container_with(box, path, (const char *)passphrase);
  explicit_bzero(passphrase, 64);
  free(passphrase);
  check_there(BIT(PASSPHRASE));
  kstack_error *error = NULL;
  kstack_credentials *credentials = NULL;
  check_ok(kstack_get_credentials(container, "database", "layer3", NULL, &credentials, &error));
  check_there(CONTENT | BIT(IDENTITY_BYTES));
  kstack_credentials_free(credentials);
  kstack_container_free(container);
  check_gone(ALL);
  container = container_with(box, path, "another passphrase");
  check_fails(kstack_get_credentials(container, "database", "layer3", NULL, &credentials, &error), KSTACK_ERROR_VAULT,
              "passphrase");
  kstack_container_free(container);
  check_gone(ALL);
}

static void nothing_is_left_of_a_new_identity(void **state) {
  (void)state;
  kstack_error *error = NULL;
  char *secret_half = NULL;
  char *recipient = NULL;
  check_ok(kstack_identity_generate(&secret_half, &recipient, &error));
  for (size_t index = 0; index < sizes[IDENTITY_TEXT]; index++) {
    secrets->bytes[IDENTITY_TEXT][index] = (unsigned char)secret_half[16 + index] ^ secrets->mask;
  }
  check_there(BIT(IDENTITY_TEXT));
  kstack_string_free(secret_half);
  kstack_string_free(recipient);
  check_gone(BIT(IDENTITY_TEXT));
}

static void nothing_is_left_of_a_failure(void **state) {
  sandbox *box = *state;
  static const struct {
    const char *name;
    fault wrong;
    kstack_status wanted;
    const char *service;
  } cases[] = {
      {"malformed", MALFORMED, KSTACK_ERROR_CONFIGURATION, "s3"},
      {"a key twice", DUPLICATE_KEY, KSTACK_ERROR_CONFIGURATION, "s3"},
      {"a tag", TAG, KSTACK_ERROR_CONFIGURATION, "s3"},
      {"an unknown alias", UNKNOWN_ALIAS, KSTACK_ERROR_CONFIGURATION, "s3"},
      {"not UTF-8", BAD_UTF8, KSTACK_ERROR_CONFIGURATION, "s3"},
      {"no mapping", NO_MAPPING, KSTACK_ERROR_CONFIGURATION, "s3"},
      {"no credentials", NO_CREDENTIALS, KSTACK_ERROR_SERVICE_NOT_FOUND, "s3"},
      {"too deep", TOO_DEEP, KSTACK_ERROR_CONFIGURATION, "s3"},
      {"a second document", SECOND_DOCUMENT, KSTACK_ERROR_CONFIGURATION, "s3"},
      {"a merge key", MERGE_KEY, KSTACK_ERROR_CONFIGURATION, "s3"},
      {"a damaged header", DAMAGED_HEADER, KSTACK_ERROR_VAULT, "s3"},
      {"a damaged chunk", DAMAGED_CHUNK, KSTACK_ERROR_VAULT, "s3"},
      {"a damaged second chunk", DAMAGED_SECOND_CHUNK, KSTACK_ERROR_VAULT, "s3"},
      {"truncated", TRUNCATED, KSTACK_ERROR_VAULT, "s3"},
      {"for somebody else", FOREIGN, KSTACK_ERROR_VAULT, "s3"},
      {"no such service", NO_FAULT, KSTACK_ERROR_SERVICE_NOT_FOUND, "unknown"},
      {"a service that is not UTF-8", NO_FAULT, KSTACK_ERROR_INVALID_ARGUMENT, "\xff"},
      {"a malformed plaintext", PLAIN_MALFORMED, KSTACK_ERROR_CONFIGURATION, "s3"},
  };
  for (size_t index = 0; index < LENGTH(cases); index++) {
    in_child(box, put_credentials, cases[index].wrong);
    kstack_container *container = container_with(box, identity_path(box), NULL);
    kstack_error *error = NULL;
    kstack_credentials *credentials = NULL;
    kstack_status status =
        kstack_get_credentials(container, cases[index].service, "layer3", NULL, &credentials, &error);
    if (status != cases[index].wanted) print_error("%s: %s\n", cases[index].name, kstack_error_message(error));
    assert_int_equal(status, cases[index].wanted);
    check_gone(CONTENT | KEYS);
    kstack_error_free(error);
    kstack_container_free(container);
    search(ALL);
    for (needle which = 0; which < NEEDLES; which++) {
      if (found[which] != 0) fail_msg("%s: %s is in memory", cases[index].name, needle_names[which]);
    }
  }
}

static void nothing_is_left_of_a_failed_run(void **state) {
  sandbox *box = *state;
  in_child(box, put_credentials, DAMAGED_SECOND_CHUNK);
  kstack_container *container = container_with(box, identity_path(box), NULL);
  kstack_error *error = NULL;
  kstack_vault *vault = NULL;
  kstack_vault_report *report = NULL;
  kstack_secret *secret = NULL;
  check_ok(kstack_vault_open(container, NULL, &vault, &error));
  check_fails(kstack_vault_read(vault, "layer3", FILE_NAME, &secret, &error), KSTACK_ERROR_VAULT, FILE_NAME);
  check_fails(kstack_vault_decrypt(vault, NULL, &report, &error), KSTACK_ERROR_VAULT, "");
  kstack_vault_report_free(report);
  check_gone(CONTENT | KEYS);
  kstack_vault_free(vault);
  kstack_container_free(container);
  check_gone(ALL);
}

/* The line VmFlags of the mapping that holds an address, as the kernel shows it; "" where there is none. */
static void flags_of(const void *address, char *flags, size_t size) {
  FILE *file = fopen("/proc/self/smaps", "r");
  assert_non_null(file);
  char line[8192];
  bool is_inside = false;
  flags[0] = '\0';
  while (fgets(line, sizeof line, file) != NULL) {
    unsigned long start;
    unsigned long end;
    char mode[8];
    if (sscanf(line, "%lx-%lx %7s", &start, &end, mode) == 3) {
      is_inside = (uintptr_t)address >= start && (uintptr_t)address < end;
    }
    if (is_inside && strncmp(line, "VmFlags:", strlen("VmFlags:")) == 0) {
      line[strcspn(line, "\n")] = '\0';
      snprintf(flags, size, "%s ", line + strlen("VmFlags:"));
    }
  }
  fclose(file);
}

static void values_are_locked_and_not_dumped(void **state) {
  sandbox *box = *state;
  in_child(box, put_credentials, NO_FAULT);
  kstack_container *container = container_with(box, identity_path(box), NULL);
  kstack_error *error = NULL;
  kstack_credentials *credentials = NULL;
  kstack_vault *vault = NULL;
  kstack_secret *secret = NULL;
  char *secret_half = NULL;
  char *recipient = NULL;
  check_ok(kstack_get_credentials(container, "s3", "layer3", NULL, &credentials, &error));
  check_ok(kstack_vault_open(container, NULL, &vault, &error));
  check_ok(kstack_vault_read(vault, "layer3", FILE_NAME, &secret, &error));
  check_ok(kstack_identity_generate(&secret_half, &recipient, &error));
  struct rlimit limit;
  assert_int_equal(getrlimit(RLIMIT_MEMLOCK, &limit), 0);
  bool can_lock = limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= 1 << 20;
  const void *const places[] = {
      kstack_credentials_value(credentials, 0, NULL),
      kstack_credentials_json(credentials),
      kstack_secret_data(secret),
      secret_half,
  };
  for (size_t index = 0; index < LENGTH(places); index++) {
    char flags[512];
    flags_of(places[index], flags, sizeof flags);
    if (strstr(flags, " dd ") == NULL) fail_msg("place %zu would be dumped: %s", index, flags);
    if (can_lock && strstr(flags, " lo ") == NULL) fail_msg("place %zu is not locked: %s", index, flags);
  }
  /* Other memory has neither, so these are the kernel's words for it. */
  char flags[512];
  flags_of(blocks[0], flags, sizeof flags);
  assert_true(flags[0] != '\0' && strstr(flags, " dd ") == NULL && strstr(flags, " lo ") == NULL);
  kstack_string_free(secret_half);
  kstack_string_free(recipient);
  kstack_secret_free(secret);
  kstack_vault_free(vault);
  kstack_credentials_free(credentials);
  kstack_container_free(container);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
  if (getenv("KSTACK_TEST_VALGRIND") != NULL) {
    print_message("valgrind keeps registers and stacks of its own, which the search would see\n");
    return 0;
  }
  const struct CMUnitTest tests[] = {
      TEST(the_search_finds_what_is_planted),
      TEST(nothing_is_left_of_a_look_up),
      TEST(nothing_is_left_of_a_list_of_services),
      TEST(nothing_is_left_of_reading_and_writing),
      TEST(nothing_is_left_of_layer_secrets_and_services),
      TEST(nothing_is_left_of_the_answer_of_a_program),
      TEST(nothing_is_left_of_runs_over_a_vault),
      TEST(nothing_is_left_of_an_identity_with_a_passphrase),
      TEST(nothing_is_left_of_a_new_identity),
      TEST(nothing_is_left_of_a_failure),
      TEST(nothing_is_left_of_a_failed_run),
      TEST(values_are_locked_and_not_dumped),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
