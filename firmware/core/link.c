#include "link.h"

#define FIRMWARE_VERSION 0x000100u /* 0.1.0 */

_Static_assert((int)LINK_FAULT_LENGTH == -FW_ERR_LENGTH - 1, "faults and errors go in step");
_Static_assert((int)LINK_FAULT_MALFORMED == -FW_ERR_MALFORMED - 1, "faults and errors go in step");
_Static_assert((int)LINK_FAULT_COUNT == -FW_ERR_MALFORMED, "every fault has its error");

/* A key that was never written: known to everybody, so no key. */
static bool unwritten(const uint8_t key[LINK_KEY_LENGTH]) {
  for (unsigned i = 1; i < LINK_KEY_LENGTH; i++)
    if (key[i] != key[0]) return false;
  return true;
}

int link_begin(struct link *link, const struct hal *hal, link_sink sink, void *owner) {
  uint8_t key[LINK_KEY_LENGTH];
  uint8_t boot[4];
  fw_zero(link, sizeof *link);
  link->hal = hal;
  link->sink = sink;
  link->owner = owner;
  link->silent = true;
  link->reset_reason = hal->reset_reason(hal->self);
  if (hal->link_key(hal->self, key) < 0 || unwritten(key) || hal->rng(hal->self, boot, sizeof boot) < 0) return FW_ERR_HAL;
  link->keyed = true;
  link->boot_id = get_u32(boot);
  sessions_begin(&link->sessions, key);
  fw_zero(key, sizeof key);
  return FW_OK;
}

/* Tags and sends one frame. */
static int transmit(struct link *link, const struct hmac_key *key, uint32_t counter, uint8_t type, const uint8_t *body,
                    size_t length) {
  uint8_t raw[FRAME_RAW_MAX];
  uint8_t wire[FRAME_WIRE_MAX];
  if (length > MSG_BODY_MAX) return FW_ERR_ROOM;
  raw[0] = PROTOCOL_VERSION;
  raw[1] = type;
  put_u32(raw + 2, counter);
  fw_copy(raw + FRAME_HEADER_LENGTH, body, length);
  size_t covered = FRAME_HEADER_LENGTH + length;
  frame_tag(key, FROM_CONTROLLER, raw, covered, raw + covered);
  int encoded = frame_encode(raw, covered + FRAME_TAG_LENGTH, wire, sizeof wire);
  if (encoded < 0) return encoded;
  int written = link->hal->uart_write(link->hal->self, wire, (size_t)encoded);
  if (written < 0) link->writes_dropped++;
  return written;
}

int link_send(struct link *link, uint8_t type, const uint8_t *body, size_t length) {
  struct session *live = &link->sessions.live;
  if (!live->made) return FW_ERR_NO_SESSION;
  if (live->sent == UINT32_MAX) return FW_ERR_COUNTER;
  live->sent++; /* spent even when the UART has no room: a counter is never used for two frames */
  return transmit(link, &live->key, live->sent, type, body, length);
}

static int answer_hello(struct link *link, const struct frame *frame) {
  struct msg_hello hello;
  int checked = sessions_check_hello(&link->sessions, frame);
  if (checked < 0) return checked;
  if (msg_hello_unpack(&hello, frame->body, frame->body_length) < 0) return FW_ERR_MALFORMED;
  if (!sessions_offered(&link->sessions, hello.pi_nonce)) {
    uint8_t nonce[NONCE_LENGTH];
    /* Without chance there is no answer: a guessable nonce would let an old session be played again. */
    if (link->hal->rng(link->hal->self, nonce, sizeof nonce) < 0) return FW_OK;
    sessions_offer(&link->sessions, hello.pi_nonce, nonce);
  }
  struct msg_hello_ack ack = {
      .boot_id = link->boot_id,
      .firmware_version = FIRMWARE_VERSION,
      .capabilities = CAPABILITIES_ALL,
      .reset_reason = link->reset_reason,
  };
  fw_copy(ack.pi_nonce, hello.pi_nonce, NONCE_LENGTH);
  fw_copy(ack.controller_nonce, link->sessions.offered.controller_nonce, NONCE_LENGTH);
  uint8_t body[MSG_HELLO_ACK_LENGTH];
  int length = msg_hello_ack_pack(&ack, body, sizeof body);
  if (length > 0) (void)transmit(link, &link->sessions.hello_key, 0, MSG_HELLO_ACK, body, (size_t)length);
  return FW_OK;
}

static int take_frame(struct link *link) {
  struct frame frame;
  bool promoted;
  int result = frame_decode(link->rx, link->rx_length, &frame);
  if (result < 0) return result;
  if (!link->keyed) return FW_ERR_NO_SESSION;
  if (frame.type == MSG_HELLO) return answer_hello(link, &frame);
  result = sessions_take(&link->sessions, &frame, &promoted);
  if (result < 0) return result;
  link->heard_ms = link->hal->now_ms(link->hal->self);
  link->silent = false;
  if (promoted) link->fresh = true;
  return link->sink(link->owner, frame.type, frame.body, frame.body_length);
}

void link_receive(struct link *link, const uint8_t *bytes, size_t length) {
  for (size_t i = 0; i < length; i++) {
    if (bytes[i] != 0) {
      if (link->rx_length < sizeof link->rx) link->rx[link->rx_length++] = bytes[i];
      else link->rx_overrun = true;
      continue;
    }
    if (link->rx_length > 0) { /* delimiters in a row are no frames: a sender may clear the line with one */
      int result = link->rx_overrun ? FW_ERR_LENGTH : take_frame(link);
      if (result < 0) link->dropped[-result - 1]++;
      else link->good++;
    }
    link->rx_length = 0;
    link->rx_overrun = false;
  }
}

void link_tick(struct link *link, uint32_t now_ms) {
  if (!link->silent && since(now_ms, link->heard_ms) >= LINK_SILENT_MS) link->silent = true;
}
