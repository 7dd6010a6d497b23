#include "session.h"

static const char hello_label[] = "visionvend link 1 hello";
static const char session_label[] = "visionvend link 1 session";

static void derive(const uint8_t link_key[LINK_KEY_LENGTH], const char *label, size_t label_length, const uint8_t *nonces,
                   size_t nonces_length, struct hmac_key *out) {
  struct hmac_key root;
  struct sha256 hash;
  uint8_t key[SHA256_LENGTH];
  hmac_key_set(&root, link_key, LINK_KEY_LENGTH);
  hmac_begin(&root, &hash);
  sha256_add(&hash, (const uint8_t *)label, label_length);
  if (nonces_length > 0) sha256_add(&hash, nonces, nonces_length);
  hmac_end(&root, &hash, key);
  hmac_key_set(out, key, sizeof key);
  fw_zero(key, sizeof key);
}

void sessions_begin(struct sessions *s, const uint8_t link_key[LINK_KEY_LENGTH]) {
  fw_zero(s, sizeof *s);
  fw_copy(s->link_key, link_key, LINK_KEY_LENGTH);
  derive(link_key, hello_label, sizeof hello_label - 1u, NULL, 0, &s->hello_key);
}

void frame_tag(const struct hmac_key *key, enum direction from, const uint8_t *header, size_t length,
               uint8_t tag[FRAME_TAG_LENGTH]) {
  struct sha256 hash;
  uint8_t mac[SHA256_LENGTH];
  uint8_t direction = (uint8_t)from;
  hmac_begin(key, &hash);
  sha256_add(&hash, &direction, 1);
  sha256_add(&hash, header, length);
  hmac_end(key, &hash, mac);
  fw_copy(tag, mac, FRAME_TAG_LENGTH);
}

static bool tagged_by(const struct hmac_key *key, const struct frame *frame) {
  uint8_t tag[FRAME_TAG_LENGTH];
  frame_tag(key, FROM_PI, frame->header, FRAME_HEADER_LENGTH + frame->body_length, tag);
  return fw_same(tag, frame->tag, FRAME_TAG_LENGTH);
}

int sessions_check_hello(const struct sessions *s, const struct frame *frame) {
  if (!tagged_by(&s->hello_key, frame)) return FW_ERR_TAG;
  return frame->counter == 0 ? FW_OK : FW_ERR_COUNTER;
}

bool sessions_offered(const struct sessions *s, const uint8_t pi_nonce[NONCE_LENGTH]) {
  return s->offered.made && fw_same(s->offered.pi_nonce, pi_nonce, NONCE_LENGTH);
}

void sessions_offer(struct sessions *s, const uint8_t pi_nonce[NONCE_LENGTH],
                    const uint8_t controller_nonce[NONCE_LENGTH]) {
  struct session *offered = &s->offered;
  if (sessions_offered(s, pi_nonce)) return;
  uint8_t nonces[2u * NONCE_LENGTH];
  fw_copy(nonces, pi_nonce, NONCE_LENGTH);
  fw_copy(nonces + NONCE_LENGTH, controller_nonce, NONCE_LENGTH);
  fw_zero(offered, sizeof *offered);
  derive(s->link_key, session_label, sizeof session_label - 1u, nonces, sizeof nonces, &offered->key);
  fw_copy(offered->pi_nonce, pi_nonce, NONCE_LENGTH);
  fw_copy(offered->controller_nonce, controller_nonce, NONCE_LENGTH);
  offered->made = true;
}

int sessions_take(struct sessions *s, const struct frame *frame, bool *promoted) {
  *promoted = false;
  if (!s->live.made && !s->offered.made) return FW_ERR_NO_SESSION;
  if (s->live.made && tagged_by(&s->live.key, frame)) {
    if (frame->counter <= s->live.received) return FW_ERR_COUNTER;
    s->live.received = frame->counter;
    return FW_OK;
  }
  if (s->offered.made && tagged_by(&s->offered.key, frame)) {
    if (frame->counter == 0) return FW_ERR_COUNTER;
    s->live = s->offered;
    s->live.received = frame->counter;
    fw_zero(&s->offered, sizeof s->offered);
    *promoted = true;
    return FW_OK;
  }
  return FW_ERR_TAG;
}
