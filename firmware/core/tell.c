/* tell.c - what the controller says: each message filled in, packed and sent, events through their queue. */
#include "app-parts.h"

/* Event ids and times lie first in every event (messages.json). */
#define STAMPED(app) .event_id = events_next_id(&(app)->events), .at_ms = app_uptime(app)

/* A body is never longer than its own LENGTH, so that a pack can't fail here. */
#define KEEP(app, name, NAME, message)                                      \
  do {                                                                      \
    uint8_t body[MSG_##NAME##_LENGTH];                                      \
    (void)msg_##name##_pack(&(message), body, sizeof body);                 \
    events_push(&(app)->events, MSG_##NAME, body, sizeof body);             \
    events_send(&(app)->events, &(app)->link, (app)->now_ms, false);        \
  } while (0)

#define SAY(app, name, NAME, message)                                       \
  do {                                                                      \
    uint8_t body[MSG_##NAME##_LENGTH];                                      \
    (void)msg_##name##_pack(&(message), body, sizeof body);                 \
    (void)link_send(&(app)->link, MSG_##NAME, body, sizeof body);           \
  } while (0)

void tell_unlocked(struct app *app, uint32_t command_id, const uint8_t visit[VISIT_LENGTH]) {
  struct msg_unlocked message = {STAMPED(app), .command_id = command_id};
  fw_copy(message.visit, visit, VISIT_LENGTH);
  KEEP(app, unlocked, UNLOCKED, message);
}

void tell_refused(struct app *app, uint32_t command_id, const uint8_t visit[VISIT_LENGTH], enum refusal_reason reason) {
  struct msg_unlock_refused message = {STAMPED(app), .command_id = command_id, .reason = (uint8_t)reason};
  fw_copy(message.visit, visit, VISIT_LENGTH);
  KEEP(app, unlock_refused, UNLOCK_REFUSED, message);
}

void tell_relocked(struct app *app, const uint8_t visit[VISIT_LENGTH], enum relock_reason reason) {
  struct msg_relocked message = {STAMPED(app), .reason = (uint8_t)reason};
  fw_copy(message.visit, visit, VISIT_LENGTH);
  KEEP(app, relocked, RELOCKED, message);
}

void tell_opened(struct app *app, const uint8_t visit[VISIT_LENGTH]) {
  struct msg_door_opened message = {STAMPED(app)};
  fw_copy(message.visit, visit, VISIT_LENGTH);
  KEEP(app, door_opened, DOOR_OPENED, message);
}

void tell_closed(struct app *app, const uint8_t visit[VISIT_LENGTH]) {
  struct msg_door_closed message = {STAMPED(app)};
  fw_copy(message.visit, visit, VISIT_LENGTH);
  KEEP(app, door_closed, DOOR_CLOSED, message);
}

void tell_left_open(struct app *app, uint8_t seconds) {
  struct msg_door_left_open message = {STAMPED(app), .seconds = seconds};
  KEEP(app, door_left_open, DOOR_LEFT_OPEN, message);
}

void tell_tamper(struct app *app) {
  struct msg_tamper message = {STAMPED(app)};
  KEEP(app, tamper, TAMPER, message);
}

void tell_settled(struct app *app) {
  struct msg_weights_settled message = {
      STAMPED(app),
      .settled_shelves = shelves_at_rest(&app->shelves),
      .faulty_shelves = app->shelves.faulty,
      .door_open = app->door.open,
  };
  for (unsigned i = 0; i < SHELF_COUNT; i++) message.decigrams[i] = scale_decigrams(&app->shelves.shelf[i]);
  KEEP(app, weights_settled, WEIGHTS_SETTLED, message);
}

void tell_weights(struct app *app) {
  struct msg_weights message = {
      .sequence = ++app->weights_sequence,
      .at_ms = app_uptime(app),
      .settled_shelves = shelves_at_rest(&app->shelves),
      .faulty_shelves = app->shelves.faulty,
      .settled = !app->shelves.changed,
  };
  for (unsigned i = 0; i < SHELF_COUNT; i++) message.decigrams[i] = scale_decigrams(&app->shelves.shelf[i]);
  SAY(app, weights, WEIGHTS, message);
}

static uint16_t faults_of(const struct app *app) {
  unsigned faults = app->shelves.faulty; /* bit n: shelf n, as in enum faults */
  if (!app->climate.good) faults |= FAULTS_TEMPERATURE;
  if (app->power.low) faults |= FAULTS_LOW_POWER;
  if (app->events.lost > 0) faults |= FAULTS_EVENTS_LOST;
  if (app->storage_failed || app->storage_damaged || app->shelves.damaged) faults |= FAULTS_STORAGE;
  if (app->drive_failed) faults |= FAULTS_LOCK_DRIVER;
  return (uint16_t)faults;
}

void tell_status(struct app *app, uint32_t stamp) {
  struct msg_status message = {
      .stamp = stamp,
      .uptime_ms = app_uptime(app),
      .door_open = app->door.open,
      .lock = (uint8_t)app->lock.state,
      .signal = app->shown_signal,
      .temperature_ok = app->climate.good,
      .temperature_centi_celsius = app->climate.centi_celsius,
      .supply_millivolts = app->power.millivolts,
      .faults = faults_of(app),
      .events_waiting = app->events.count,
      .events_lost = app->events.lost,
      .frames_good = app->link.good,
      .writes_dropped = app->link.writes_dropped,
  };
  fw_copy(message.visit, app->lock.visit, VISIT_LENGTH);
  for (unsigned i = 0; i < LINK_FAULT_COUNT; i++) message.frames_dropped[i] = app->link.dropped[i];
  SAY(app, status, STATUS, message);
}

void tell_done(struct app *app, uint32_t command_id, enum outcome outcome) {
  struct msg_command_done message = {.command_id = command_id, .outcome = (uint8_t)outcome};
  SAY(app, command_done, COMMAND_DONE, message);
}
