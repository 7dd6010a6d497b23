/* sha256.h - SHA-256 (FIPS 180-4) and HMAC-SHA256 (RFC 2104), small and without tables beyond the constants.
 * An hmac_key keeps the two half-done states of its key, so that a tag costs two blocks fewer. Called by session.c. */
#ifndef VISIONVEND_SHA256_H
#define VISIONVEND_SHA256_H

#include "fw.h"

#define SHA256_LENGTH 32u
#define SHA256_BLOCK 64u

struct sha256 {
  uint32_t state[8];
  uint64_t length;
  uint8_t block[SHA256_BLOCK];
};

void sha256_begin(struct sha256 *hash);
void sha256_add(struct sha256 *hash, const uint8_t *bytes, size_t length);
void sha256_end(struct sha256 *hash, uint8_t out[SHA256_LENGTH]);

struct hmac_key {
  uint32_t inner[8];
  uint32_t outer[8];
};

/* Keys longer than a block are hashed first, as the RFC says. */
void hmac_key_set(struct hmac_key *key, const uint8_t *bytes, size_t length);

void hmac_begin(const struct hmac_key *key, struct sha256 *hash);
void hmac_end(const struct hmac_key *key, struct sha256 *hash, uint8_t out[SHA256_LENGTH]);

#endif
