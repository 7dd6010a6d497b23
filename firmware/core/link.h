/* link.h - the controller's end of the link: bytes in, authentic messages out, and back (SPEC F1-F15).
 * Holds always: the sink sees a message only when its frame passed every check, in the order sent, never twice; every
 * frame that fails is counted under the first check it failed and changes nothing else. Called by app.c. */
#ifndef VISIONVEND_LINK_H
#define VISIONVEND_LINK_H

#include "session.h"

typedef int (*link_sink)(void *owner, uint8_t type, const uint8_t *body, size_t length);

struct link {
  const struct hal *hal;
  void *owner;
  link_sink sink; /* 0, or FW_ERR_UNKNOWN_TYPE or FW_ERR_MALFORMED */
  struct sessions sessions;
  bool keyed; /* without a key no frame is believed */
  uint32_t boot_id;
  uint8_t reset_reason;
  uint8_t rx[FRAME_WIRE_MAX];
  size_t rx_length;
  bool rx_overrun;
  bool silent; /* no good frame for LINK_SILENT_MS, or never */
  bool fresh;  /* set when a new session went live; the owner clears it */
  uint32_t heard_ms;
  uint32_t good;
  uint32_t dropped[LINK_FAULT_COUNT];
  uint32_t writes_dropped;
};

/* Reads the key and draws the boot id. 0, or FW_ERR_HAL: without a key or chance there is no link. */
int link_begin(struct link *link, const struct hal *hal, link_sink sink, void *owner);

/* Takes bytes as they come, in pieces of any size. */
void link_receive(struct link *link, const uint8_t *bytes, size_t length);

/* Notices silence. */
void link_tick(struct link *link, uint32_t now_ms);

/* Sends one message in the live session. 0, FW_ERR_NO_SESSION, FW_ERR_COUNTER (all counters used: a new Hello is
 * needed) or FW_ERR_ROOM. */
int link_send(struct link *link, uint8_t type, const uint8_t *body, size_t length);

#endif
