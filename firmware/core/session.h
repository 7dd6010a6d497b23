/* session.h - who may speak: keys, tags and counters of the link (SPEC F6-F12).
 * Holds always: a session's key is born of both sides' fresh nonces, so nothing recorded in one session is worth
 * anything in another; a counter is used once in each direction; a Hello never ends a live session, only the first
 * frame tagged with the new key does. Called by link.c only. */
#ifndef VISIONVEND_SESSION_H
#define VISIONVEND_SESSION_H

#include "hal.h"
#include "sha256.h"
#include "wire.h"

#define NONCE_LENGTH 16u

enum direction { FROM_PI = 0, FROM_CONTROLLER = 1 };

struct session {
  bool made;
  struct hmac_key key;
  uint8_t pi_nonce[NONCE_LENGTH];
  uint8_t controller_nonce[NONCE_LENGTH];
  uint32_t sent;     /* counter of the last frame sent */
  uint32_t received; /* counter of the last frame taken */
};

struct sessions {
  uint8_t link_key[LINK_KEY_LENGTH];
  struct hmac_key hello_key;
  struct session live;
  struct session offered; /* answered Hello that no frame has confirmed yet */
};

void sessions_begin(struct sessions *s, const uint8_t link_key[LINK_KEY_LENGTH]);

/* The tag of a frame: HMAC-SHA256(key, direction | header | body), its first 8 bytes. */
void frame_tag(const struct hmac_key *key, enum direction from, const uint8_t *header, size_t length,
               uint8_t tag[FRAME_TAG_LENGTH]);

/* Whether a Hello is from a holder of the link key. 0, FW_ERR_TAG or FW_ERR_COUNTER. */
int sessions_check_hello(const struct sessions *s, const struct frame *frame);

/* Offers a session for this Hello; `controller_nonce` must be fresh. A repeated Hello keeps what it was offered. */
void sessions_offer(struct sessions *s, const uint8_t pi_nonce[NONCE_LENGTH],
                    const uint8_t controller_nonce[NONCE_LENGTH]);

/* Whether an offer for this Hello stands already. */
bool sessions_offered(const struct sessions *s, const uint8_t pi_nonce[NONCE_LENGTH]);

/* Takes a frame of the live or the offered session; `*promoted` tells that the offered one is now live.
 * 0, FW_ERR_NO_SESSION, FW_ERR_TAG or FW_ERR_COUNTER. */
int sessions_take(struct sessions *s, const struct frame *frame, bool *promoted);

#endif
