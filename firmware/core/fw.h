/* fw.h - what every file of the core shares: error codes, little-endian bytes, time that wraps.
 * Holds always: 0 is good, negative is an fw_err; no heap, no OS, no libc (the memory built-ins are lowered by the
 * compiler); times are uint32_t milliseconds that wrap after 49.7 days and are compared only by difference. */
#ifndef VISIONVEND_FW_H
#define VISIONVEND_FW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fw_err {
  FW_OK = 0,
  FW_ERR_LENGTH = -1,       /* a frame too short or too long */
  FW_ERR_ENCODING = -2,     /* not COBS */
  FW_ERR_CRC = -3,          /* damaged on the wire */
  FW_ERR_VERSION = -4,      /* another protocol version */
  FW_ERR_NO_SESSION = -5,   /* a session's frame, but no handshake yet */
  FW_ERR_TAG = -6,          /* forged, or of another session */
  FW_ERR_COUNTER = -7,      /* repeated or old */
  FW_ERR_UNKNOWN_TYPE = -8, /* authentic, but nothing we know */
  FW_ERR_MALFORMED = -9,    /* authentic, but its body is wrong */
  FW_ERR_ROOM = -10,        /* no room in the caller's buffer or the UART */
  FW_ERR_HAL = -11,         /* the hardware said no */
  FW_ERR_STORAGE = -12,     /* nothing stored, or what is stored is damaged */
};

static inline void fw_copy(void *to, const void *from, size_t length) {
  __builtin_memcpy(to, from, length);
}

static inline void fw_zero(void *to, size_t length) {
  __builtin_memset(to, 0, length);
}

static inline bool fw_same(const uint8_t *a, const uint8_t *b, size_t length) {
  uint8_t difference = 0; /* looked at whole, so that the time taken tells nothing about a tag */
  for (size_t i = 0; i < length; i++) difference |= (uint8_t)(a[i] ^ b[i]);
  return difference == 0;
}

/* Milliseconds since `then_ms`, right across the wrap. */
static inline uint32_t since(uint32_t now_ms, uint32_t then_ms) {
  return now_ms - then_ms;
}

static inline void put_u16(uint8_t *out, uint16_t value) {
  out[0] = (uint8_t)(value & 0xff);
  out[1] = (uint8_t)(value >> 8);
}

static inline void put_u32(uint8_t *out, uint32_t value) {
  put_u16(out, (uint16_t)(value & 0xffff));
  put_u16(out + 2, (uint16_t)(value >> 16));
}

static inline uint16_t get_u16(const uint8_t *in) {
  return (uint16_t)(in[0] | (in[1] << 8));
}

static inline uint32_t get_u32(const uint8_t *in) {
  return (uint32_t)get_u16(in) | ((uint32_t)get_u16(in + 2) << 16);
}

#endif
