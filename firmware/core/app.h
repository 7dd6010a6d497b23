/* app.h - the controller: everything together, over one hal.
 * The caller owns the struct and calls app_init once, then app_tick at 80 Hz or faster, and app_receive with whatever
 * bytes the UART has. Holds always: no heap, nothing blocks, one thread; a dead Pi means a locked door. */
#ifndef VISIONVEND_APP_H
#define VISIONVEND_APP_H

#include "climate.h"
#include "door.h"
#include "events.h"
#include "lock.h"
#include "power.h"
#include "shelves.h"
#include "store.h"

#define USED_COMMANDS 8u

struct app {
  const struct hal *hal;
  uint32_t boot_ms;
  uint32_t now_ms; /* of the tick or the bytes being taken */
  struct link link;
  struct events events;
  struct lock lock;
  struct door door;
  struct shelves shelves;
  struct climate climate;
  struct power power;
  struct stored_visit stored;
  bool storage_failed;  /* the last write, at stored_ms; tried again every second */
  uint32_t stored_ms;
  bool storage_damaged; /* what was stored before this start can't be read */
  bool driven; /* what the lock's driver was last told */
  bool drive_failed;
  uint8_t wanted_signal;
  uint8_t shown_signal;
  uint32_t used_commands[USED_COMMANDS]; /* unlocks that were answered, newest at used_at - 1 */
  uint8_t used_at;
  uint8_t used_count;
  bool answered; /* done_id and done_outcome hold an answer */
  uint32_t done_id;
  uint8_t done_outcome;
  uint32_t weights_ms;
  uint32_t weights_sequence;
};

/* Locks the door, then starts everything and tells what a reset interrupted. 0, or FW_ERR_HAL when there is no link
 * key or no randomness: then everything runs but the link, and the door stays locked. `hal` must outlive `app`. */
int app_init(struct app *app, const struct hal *hal);

void app_tick(struct app *app);

void app_receive(struct app *app, const uint8_t *bytes, size_t length);

#endif
