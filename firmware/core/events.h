/* events.h - what must reach the Pi: a bounded queue, the first sent again until it is acknowledged (SPEC F17-F20).
 * Holds always: events leave in the order in which they happened, one at a time; an id is never used twice after one
 * start; a full queue loses its oldest telling (weights, door left open) before any door or lock event, and counts it. */
#ifndef VISIONVEND_EVENTS_H
#define VISIONVEND_EVENTS_H

#include "link.h"

struct event {
  uint8_t type;
  uint8_t length;
  uint8_t body[MSG_EVENT_BODY_MAX];
};

struct events {
  struct event queue[EVENT_QUEUE_LENGTH]; /* queue[0] is the oldest */
  uint8_t count;
  bool in_flight; /* queue[0] was sent at sent_ms and is not acknowledged */
  uint32_t sent_ms;
  uint32_t last_id;
  uint32_t lost;
};

void events_begin(struct events *events);

/* The id for the event that is about to be pushed. */
uint32_t events_next_id(struct events *events);

/* Keeps a packed event until it is acknowledged. */
void events_push(struct events *events, uint8_t type, const uint8_t *body, size_t length);

/* The Pi has taken this event. Anything but the first in the queue is an old answer and is ignored. */
void events_acknowledge(struct events *events, uint32_t event_id);

/* Sends the first event when it is due. `again` sends it now, whether or not its repeat is due. */
void events_send(struct events *events, struct link *link, uint32_t now_ms, bool again);

#endif
