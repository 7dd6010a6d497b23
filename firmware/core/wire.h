/* wire.h - bytes on the wire: COBS, CRC-32, and where the parts of a frame lie (SPEC F1-F3).
 * Raw frame: version u8 | type u8 | counter u32 | body | tag 8 | CRC-32 u32; on the wire COBS(raw) 0x00.
 * Holds always: nothing is read before its length is checked, nothing is believed before its CRC is. */
#ifndef VISIONVEND_WIRE_H
#define VISIONVEND_WIRE_H

#include "fw.h"
#include "messages.gen.h"

#define FRAME_HEADER_LENGTH 6u
#define FRAME_TAG_LENGTH 8u
#define FRAME_CRC_LENGTH 4u
#define FRAME_RAW_MIN (FRAME_HEADER_LENGTH + FRAME_TAG_LENGTH + FRAME_CRC_LENGTH)
#define FRAME_RAW_MAX (FRAME_RAW_MIN + MSG_BODY_MAX)
/* COBS adds one byte to fewer than 255; then the delimiter. */
#define FRAME_WIRE_MAX (FRAME_RAW_MAX + 2u)

/* A checked frame, in place in the buffer it was decoded into. */
struct frame {
  uint8_t type;
  uint32_t counter;
  const uint8_t *header; /* FRAME_HEADER_LENGTH bytes, then the body: what the tag covers */
  const uint8_t *body;
  size_t body_length;
  const uint8_t *tag;
};

/* CRC-32 of IEEE 802.3 (as in zlib). */
uint32_t crc32_of(const uint8_t *bytes, size_t length);

/* Encodes to `out` (without the delimiter) and returns the length, or FW_ERR_ROOM. */
int cobs_encode(const uint8_t *in, size_t length, uint8_t *out, size_t room);

/* Decodes in place and returns the length, or FW_ERR_ENCODING. */
int cobs_decode(uint8_t *bytes, size_t length);

/* Decodes what stood between two delimiters, in place. 0, or the first of FW_ERR_LENGTH, ENCODING, CRC, VERSION. */
int frame_decode(uint8_t *bytes, size_t length, struct frame *out);

/* Ends a raw frame: `raw` holds header, body and tag (`length` bytes) and has room for the CRC. Writes the wire bytes
 * with their delimiter to `out` and returns their number, or FW_ERR_ROOM. */
int frame_encode(uint8_t *raw, size_t length, uint8_t *out, size_t room);

#endif
