/* commands.c - what the Pi may ask of the controller. Every message here has passed its frame's checks (link.c). */
#include "app-parts.h"

static bool used(const struct app *app, uint32_t command_id) {
  for (unsigned i = 0; i < app->used_count; i++)
    if (app->used_commands[i] == command_id) return true;
  return false;
}

static void use(struct app *app, uint32_t command_id) {
  app->used_commands[app->used_at] = command_id;
  app->used_at = (uint8_t)((app->used_at + 1u) % USED_COMMANDS);
  if (app->used_count < USED_COMMANDS) app->used_count++;
}

/* A late unlock is no unlock: its visit may be over, and its hold released. */
static bool stale(const struct app *app, const struct msg_unlock *unlock) {
  uint32_t left_ms = unlock->not_after_ms - app_uptime(app);
  return left_ms == 0 || left_ms > UNLOCK_HORIZON_MS; /* what is over wraps to a huge number */
}

static bool try_unlock(struct app *app, const struct msg_unlock *unlock, enum refusal_reason *reason) {
  static const uint8_t nobody[VISIT_LENGTH];
  *reason = REFUSAL_REASON_STALE;
  if (stale(app, unlock)) return false;
  *reason = REFUSAL_REASON_FAULT;
  if (app->drive_failed || fw_same(unlock->visit, nobody, VISIT_LENGTH)) return false;
  app_watch_door(app);
  struct lock_in in = app_lock_in(app);
  if (!lock_unlock(&app->lock, &in, unlock->visit, unlock->open_timeout_ms, reason)) return false;
  app_released(app);
  if (app_drive(app)) return true;
  *reason = REFUSAL_REASON_FAULT;
  app_never_released(app);
  return false;
}

static int take_unlock(struct app *app, const uint8_t *body, size_t length) {
  struct msg_unlock unlock;
  enum refusal_reason reason;
  if (msg_unlock_unpack(&unlock, body, length) < 0) return FW_ERR_MALFORMED;
  if (used(app, unlock.command_id)) {
    events_send(&app->events, &app->link, app->now_ms, true); /* its answer is on its way, or was acknowledged */
    return FW_OK;
  }
  use(app, unlock.command_id);
  if (try_unlock(app, &unlock, &reason)) tell_unlocked(app, unlock.command_id, unlock.visit);
  else tell_refused(app, unlock.command_id, unlock.visit, reason);
  return FW_OK;
}

/* Answers a command that is repeated until answered: a repeated one is answered again and not done again. */
static bool answered(struct app *app, uint32_t command_id) {
  if (!app->answered || app->done_id != command_id) return false;
  tell_done(app, command_id, (enum outcome)app->done_outcome);
  return true;
}

static void answer(struct app *app, uint32_t command_id, enum outcome outcome) {
  app->answered = true;
  app->done_id = command_id;
  app->done_outcome = (uint8_t)outcome;
  tell_done(app, command_id, outcome);
}

static int take_relock(struct app *app, const uint8_t *body, size_t length) {
  struct msg_relock relock;
  if (msg_relock_unpack(&relock, body, length) < 0) return FW_ERR_MALFORMED;
  if (answered(app, relock.command_id)) return FW_OK;
  app_watch_door(app); /* an opening that has begun is still by right */
  if (lock_relock(&app->lock)) app_locked(app, RELOCK_REASON_COMMANDED);
  answer(app, relock.command_id, OUTCOME_DONE);
  return FW_OK;
}

static int take_tare(struct app *app, const uint8_t *body, size_t length) {
  struct msg_tare tare;
  if (msg_tare_unpack(&tare, body, length) < 0) return FW_ERR_MALFORMED;
  if (!answered(app, tare.command_id)) answer(app, tare.command_id, shelves_tare(&app->shelves, app->hal, tare.shelf));
  return FW_OK;
}

static int take_calibrate(struct app *app, const uint8_t *body, size_t length) {
  struct msg_calibrate calibrate;
  if (msg_calibrate_unpack(&calibrate, body, length) < 0) return FW_ERR_MALFORMED;
  if (answered(app, calibrate.command_id)) return FW_OK;
  answer(app, calibrate.command_id,
         shelves_calibrate(&app->shelves, app->hal, calibrate.shelf, calibrate.reference_decigrams));
  return FW_OK;
}

static int take_heartbeat(struct app *app, const uint8_t *body, size_t length) {
  struct msg_heartbeat heartbeat;
  if (msg_heartbeat_unpack(&heartbeat, body, length) < 0) return FW_ERR_MALFORMED;
  app->wanted_signal = heartbeat.signal;
  app_show(app);
  tell_status(app, heartbeat.stamp);
  return FW_OK;
}

static int take_signal(struct app *app, const uint8_t *body, size_t length) {
  struct msg_show_signal show;
  if (msg_show_signal_unpack(&show, body, length) < 0) return FW_ERR_MALFORMED;
  app->wanted_signal = show.signal;
  app_show(app);
  return FW_OK;
}

static int take_ack(struct app *app, const uint8_t *body, size_t length) {
  struct msg_event_ack ack;
  if (msg_event_ack_unpack(&ack, body, length) < 0) return FW_ERR_MALFORMED;
  events_acknowledge(&app->events, ack.event_id);
  events_send(&app->events, &app->link, app->now_ms, false);
  return FW_OK;
}

int commands_take(void *owner, uint8_t type, const uint8_t *body, size_t length) {
  struct app *app = owner;
  if (app->link.fresh) {
    /* A new session: what was sent in the old one counts as lost. */
    app->link.fresh = false;
    app->events.in_flight = false;
    app->weights_ms = app->now_ms - WEIGHTS_IDLE_MS;
  }
  switch (type) {
    case MSG_HEARTBEAT:
      return take_heartbeat(app, body, length);
    case MSG_UNLOCK:
      return take_unlock(app, body, length);
    case MSG_RELOCK:
      return take_relock(app, body, length);
    case MSG_SHOW_SIGNAL:
      return take_signal(app, body, length);
    case MSG_TARE:
      return take_tare(app, body, length);
    case MSG_CALIBRATE:
      return take_calibrate(app, body, length);
    case MSG_EVENT_ACK:
      return take_ack(app, body, length);
    default:
      return FW_ERR_UNKNOWN_TYPE;
  }
}
