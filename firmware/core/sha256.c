#include "sha256.h"

static const uint32_t rounds[64] = {
    0x428a2f98u, 0x71374491u, 0xb5c0fbcfu, 0xe9b5dba5u, 0x3956c25bu, 0x59f111f1u, 0x923f82a4u, 0xab1c5ed5u,
    0xd807aa98u, 0x12835b01u, 0x243185beu, 0x550c7dc3u, 0x72be5d74u, 0x80deb1feu, 0x9bdc06a7u, 0xc19bf174u,
    0xe49b69c1u, 0xefbe4786u, 0x0fc19dc6u, 0x240ca1ccu, 0x2de92c6fu, 0x4a7484aau, 0x5cb0a9dcu, 0x76f988dau,
    0x983e5152u, 0xa831c66du, 0xb00327c8u, 0xbf597fc7u, 0xc6e00bf3u, 0xd5a79147u, 0x06ca6351u, 0x14292967u,
    0x27b70a85u, 0x2e1b2138u, 0x4d2c6dfcu, 0x53380d13u, 0x650a7354u, 0x766a0abbu, 0x81c2c92eu, 0x92722c85u,
    0xa2bfe8a1u, 0xa81a664bu, 0xc24b8b70u, 0xc76c51a3u, 0xd192e819u, 0xd6990624u, 0xf40e3585u, 0x106aa070u,
    0x19a4c116u, 0x1e376c08u, 0x2748774cu, 0x34b0bcb5u, 0x391c0cb3u, 0x4ed8aa4au, 0x5b9cca4fu, 0x682e6ff3u,
    0x748f82eeu, 0x78a5636fu, 0x84c87814u, 0x8cc70208u, 0x90befffau, 0xa4506cebu, 0xbef9a3f7u, 0xc67178f2u,
};

static const uint32_t initial[8] = {
    0x6a09e667u, 0xbb67ae85u, 0x3c6ef372u, 0xa54ff53au, 0x510e527fu, 0x9b05688cu, 0x1f83d9abu, 0x5be0cd19u,
};

static inline uint32_t rotate(uint32_t x, unsigned by) {
  return (x >> by) | (x << (32u - by));
}

static void compress(uint32_t state[8], const uint8_t *block) {
  uint32_t w[64];
  for (unsigned i = 0; i < 16; i++) {
    const uint8_t *b = block + 4u * i;
    w[i] = ((uint32_t)b[0] << 24) | ((uint32_t)b[1] << 16) | ((uint32_t)b[2] << 8) | b[3];
  }
  for (unsigned i = 16; i < 64; i++) {
    uint32_t s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ (w[i - 15] >> 3);
    uint32_t s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ (w[i - 2] >> 10);
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
  uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
  for (unsigned i = 0; i < 64; i++) {
    uint32_t t1 = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + rounds[i] + w[i];
    uint32_t t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g, g = f, f = e, e = d + t1;
    d = c, c = b, b = a, a = t1 + t2;
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d;
  state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

void sha256_begin(struct sha256 *hash) {
  fw_copy(hash->state, initial, sizeof initial);
  hash->length = 0;
}

void sha256_add(struct sha256 *hash, const uint8_t *bytes, size_t length) {
  size_t filled = (size_t)(hash->length % SHA256_BLOCK);
  hash->length += length;
  while (length > 0) {
    size_t taken = SHA256_BLOCK - filled;
    if (taken > length) taken = length;
    fw_copy(hash->block + filled, bytes, taken);
    bytes += taken;
    length -= taken;
    filled += taken;
    if (filled == SHA256_BLOCK) {
      compress(hash->state, hash->block);
      filled = 0;
    }
  }
}

void sha256_end(struct sha256 *hash, uint8_t out[SHA256_LENGTH]) {
  uint64_t bits = hash->length * 8u;
  size_t filled = (size_t)(hash->length % SHA256_BLOCK);
  hash->block[filled++] = 0x80;
  if (filled > SHA256_BLOCK - 8u) {
    fw_zero(hash->block + filled, SHA256_BLOCK - filled);
    compress(hash->state, hash->block);
    filled = 0;
  }
  fw_zero(hash->block + filled, SHA256_BLOCK - 8u - filled);
  for (unsigned i = 0; i < 8; i++) hash->block[SHA256_BLOCK - 1u - i] = (uint8_t)(bits >> (8u * i));
  compress(hash->state, hash->block);
  for (unsigned i = 0; i < SHA256_LENGTH; i++) out[i] = (uint8_t)(hash->state[i / 4u] >> (24u - 8u * (i % 4u)));
}

void hmac_key_set(struct hmac_key *key, const uint8_t *bytes, size_t length) {
  uint8_t block[SHA256_BLOCK];
  fw_zero(block, sizeof block);
  if (length > SHA256_BLOCK) {
    struct sha256 hash;
    sha256_begin(&hash);
    sha256_add(&hash, bytes, length);
    sha256_end(&hash, block);
  } else {
    fw_copy(block, bytes, length);
  }
  for (unsigned i = 0; i < SHA256_BLOCK; i++) block[i] ^= 0x36;
  fw_copy(key->inner, initial, sizeof initial);
  compress(key->inner, block);
  for (unsigned i = 0; i < SHA256_BLOCK; i++) block[i] ^= 0x36 ^ 0x5c;
  fw_copy(key->outer, initial, sizeof initial);
  compress(key->outer, block);
  fw_zero(block, sizeof block);
}

void hmac_begin(const struct hmac_key *key, struct sha256 *hash) {
  fw_copy(hash->state, key->inner, sizeof hash->state);
  hash->length = SHA256_BLOCK;
}

void hmac_end(const struct hmac_key *key, struct sha256 *hash, uint8_t out[SHA256_LENGTH]) {
  uint8_t inner[SHA256_LENGTH];
  sha256_end(hash, inner);
  fw_copy(hash->state, key->outer, sizeof hash->state);
  hash->length = SHA256_BLOCK;
  sha256_add(hash, inner, sizeof inner);
  sha256_end(hash, out);
}
