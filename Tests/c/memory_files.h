/* Writes files that hold the secrets, in a child that may know them. */
#ifndef MEMORY_FILES_H
#define MEMORY_FILES_H

#include "memory_search.h"

#define FILE_NAME "cloud-credentials.yaml"

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

/* The path of the identity. */
const char *identity_path(sandbox *box);

/* Makes the identity of the search, and the recipients file with it. */
void make_identity(sandbox *box);

/* As above, with a post-quantum identity, for which the files are written from then on. */
void make_hybrid_identity(sandbox *box);

/* The path of a file of layer3. */
const char *layer_file(sandbox *box, const char *name);

/* Writes the encrypted credentials. */
void put_credentials(sandbox *box, fault wrong);

/* Writes secrets of the layer, credentials of a provider, and keys for AWS. */
void put_services(sandbox *box, fault wrong);

/* Writes six files for a run over the vault: small, empty, of several chunks. */
void put_vault(sandbox *box, fault wrong);

/* Edits two plaintexts, as their owner does. */
void edit_vault(sandbox *box, fault wrong);

#endif
