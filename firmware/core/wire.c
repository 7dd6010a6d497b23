#include "wire.h"

/* Four bits at a time: 64 bytes of table, a frame in a few microseconds. */
static const uint32_t crc_table[16] = {
    0x00000000u, 0x1db71064u, 0x3b6e20c8u, 0x26d930acu, 0x76dc4190u, 0x6b6b51f4u, 0x4db26158u, 0x5005713cu,
    0xedb88320u, 0xf00f9344u, 0xd6d6a3e8u, 0xcb61b38cu, 0x9b64c2b0u, 0x86d3d2d4u, 0xa00ae278u, 0xbdbdf21cu,
};

uint32_t crc32_of(const uint8_t *bytes, size_t length) {
  uint32_t crc = 0xffffffffu;
  for (size_t i = 0; i < length; i++) {
    crc ^= bytes[i];
    crc = (crc >> 4) ^ crc_table[crc & 15u];
    crc = (crc >> 4) ^ crc_table[crc & 15u];
  }
  return crc ^ 0xffffffffu;
}

int cobs_encode(const uint8_t *in, size_t length, uint8_t *out, size_t room) {
  if (room < length + 1 + length / 254) return FW_ERR_ROOM;
  size_t code_at = 0;
  size_t at = 1;
  uint8_t code = 1;
  for (size_t i = 0; i < length; i++) {
    if (in[i] != 0) {
      out[at++] = in[i];
      code++;
    }
    if (in[i] == 0 || (code == 0xff && i + 1 < length)) {
      out[code_at] = code;
      code_at = at++;
      code = 1;
    }
  }
  out[code_at] = code;
  return (int)at;
}

int cobs_decode(uint8_t *bytes, size_t length) {
  size_t from = 0;
  size_t to = 0;
  while (from < length) {
    uint8_t code = bytes[from++];
    if (code == 0 || code - 1u > length - from) return FW_ERR_ENCODING;
    for (uint8_t i = 1; i < code; i++) {
      if (bytes[from] == 0) return FW_ERR_ENCODING;
      bytes[to++] = bytes[from++]; /* `to` stays behind `from`: the code byte was read and not written */
    }
    if (code != 0xff && from < length) bytes[to++] = 0;
  }
  return (int)to;
}

int frame_decode(uint8_t *bytes, size_t length, struct frame *out) {
  if (length < FRAME_RAW_MIN + 1u || length > FRAME_RAW_MAX + 1u) return FW_ERR_LENGTH;
  int decoded = cobs_decode(bytes, length);
  if (decoded < 0) return decoded;
  size_t raw = (size_t)decoded;
  if (raw != length - 1u) return FW_ERR_ENCODING; /* fewer than 255 bytes have exactly one byte of overhead */
  size_t checked = raw - FRAME_CRC_LENGTH;
  if (crc32_of(bytes, checked) != get_u32(bytes + checked)) return FW_ERR_CRC;
  if (bytes[0] != PROTOCOL_VERSION) return FW_ERR_VERSION;
  out->type = bytes[1];
  out->counter = get_u32(bytes + 2);
  out->header = bytes;
  out->body = bytes + FRAME_HEADER_LENGTH;
  out->body_length = raw - FRAME_RAW_MIN;
  out->tag = bytes + checked - FRAME_TAG_LENGTH;
  return FW_OK;
}

int frame_encode(uint8_t *raw, size_t length, uint8_t *out, size_t room) {
  put_u32(raw + length, crc32_of(raw, length));
  if (room < 1) return FW_ERR_ROOM;
  int encoded = cobs_encode(raw, length + FRAME_CRC_LENGTH, out, room - 1);
  if (encoded < 0) return encoded;
  out[encoded] = 0;
  return encoded + 1;
}
