#include "events.h"

void events_begin(struct events *events) {
  fw_zero(events, sizeof *events);
}

uint32_t events_next_id(struct events *events) {
  return ++events->last_id;
}

static void remove_at(struct events *events, unsigned index) {
  events->count--;
  for (unsigned i = index; i < events->count; i++) events->queue[i] = events->queue[i + 1u];
  if (index == 0) events->in_flight = false;
}

/* Weights and reminders are overtaken by newer ones; what the door and the lock did is not. */
static unsigned least_needed(const struct events *events) {
  for (unsigned i = 0; i < events->count; i++)
    if (events->queue[i].type == MSG_WEIGHTS_SETTLED || events->queue[i].type == MSG_DOOR_LEFT_OPEN) return i;
  return 0;
}

void events_push(struct events *events, uint8_t type, const uint8_t *body, size_t length) {
  if (events->count == EVENT_QUEUE_LENGTH) {
    remove_at(events, least_needed(events));
    events->lost++;
  }
  struct event *event = &events->queue[events->count++];
  event->type = type;
  event->length = (uint8_t)length;
  fw_copy(event->body, body, length);
}

void events_acknowledge(struct events *events, uint32_t event_id) {
  if (events->count > 0 && get_u32(events->queue[0].body) == event_id) remove_at(events, 0);
}

void events_send(struct events *events, struct link *link, uint32_t now_ms, bool again) {
  if (events->count == 0 || link->silent) return;
  if (events->in_flight && !again && since(now_ms, events->sent_ms) < EVENT_REPEAT_MS) return;
  events->in_flight = true;
  events->sent_ms = now_ms;
  (void)link_send(link, events->queue[0].type, events->queue[0].body, events->queue[0].length);
}
