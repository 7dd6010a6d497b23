#include "app-parts.h"

uint32_t app_uptime(const struct app *app) {
  return since(app->now_ms, app->boot_ms);
}

struct lock_in app_lock_in(const struct app *app) {
  return (struct lock_in){
      .now_ms = app->now_ms,
      .door_open = app->door.open,
      .door_moving = door_moving(&app->door, app->now_ms),
      .link_silent = app->link.silent,
      .power_low = app->power.low,
  };
}

bool app_drive(struct app *app) {
  bool released = lock_released(&app->lock);
  if (released == app->driven && !app->drive_failed) return true;
  app->drive_failed = app->hal->lock_drive(app->hal->self, released) < 0;
  app->driven = released; /* a driver that failed is told again on every tick */
  return !app->drive_failed;
}

#define STORE_AGAIN_MS 1000u

static const uint8_t nobody[VISIT_LENGTH];

static void remember(struct app *app) {
  app->storage_failed = store_write_visit(app->hal, &app->stored) < 0;
  app->stored_ms = app->now_ms;
}

static void set_flags(struct app *app, unsigned set, unsigned clear) {
  uint8_t flags = (uint8_t)((app->stored.flags & ~clear) | set);
  if (flags == app->stored.flags) return;
  app->stored.flags = flags;
  remember(app);
}

void app_released(struct app *app) {
  app->stored.flags = (uint8_t)((app->stored.flags & VISIT_UNTOLD) | VISIT_RELEASED);
  fw_copy(app->stored.visit, app->lock.visit, VISIT_LENGTH);
  remember(app);
}

void app_never_released(struct app *app) {
  (void)lock_relock(&app->lock);
  (void)app_drive(app);
  fw_zero(app->lock.visit, VISIT_LENGTH);
  fw_zero(app->stored.visit, VISIT_LENGTH);
  set_flags(app, 0, VISIT_RELEASED);
}

static void opened(struct app *app) {
  set_flags(app, VISIT_BY_RIGHT | VISIT_OPENED, 0);
  tell_opened(app, app->lock.visit);
  shelves_door(&app->shelves, true, app->now_ms);
}

void app_locked(struct app *app, enum relock_reason reason) {
  (void)app_drive(app); /* the door first; what is written and told may take its time */
  if (door_opening(&app->door, app->now_ms)) {
    /* Pulled open in the very moment: told before the relock, or the visit would seem over and its goods free. */
    door_believe_open(&app->door);
    opened(app);
  }
  app->stored.relock_reason = (uint8_t)reason;
  set_flags(app, 0, VISIT_RELEASED);
  tell_relocked(app, app->lock.visit, reason);
  if (!app->door.open) fw_zero(app->lock.visit, VISIT_LENGTH);
}

void app_watch_door(struct app *app) {
  bool contact_open = app->hal->door_open(app->hal->self);
  switch (door_sample(&app->door, contact_open, lock_released(&app->lock), app->now_ms)) {
    case DOOR_SAME:
      return;
    case DOOR_OPENED:
      opened(app);
      return;
    case DOOR_FORCED:
      set_flags(app, VISIT_FORCED | VISIT_UNTOLD, 0);
      tell_tamper(app);
      shelves_door(&app->shelves, true, app->now_ms);
      return;
    case DOOR_CLOSED:
      set_flags(app, 0, VISIT_BY_RIGHT | VISIT_FORCED);
      tell_closed(app, app->lock.visit);
      if (!lock_released(&app->lock)) fw_zero(app->lock.visit, VISIT_LENGTH);
      shelves_door(&app->shelves, false, app->now_ms);
      return;
  }
}

/* Tells what the Pi may not know of the time before the reset. It drops what it has been told already: one visit has
 * one opening, one closing and one relock. */
static void tell_interrupted(struct app *app) {
  struct stored_visit *stored = &app->stored;
  struct stored_visit before = *stored;
  bool open = app->door.open;
  /* Without power the bolt falls: who opened only then had no right to, however fresh the unlock. A watchdog is quicker
   * than a hand. */
  uint8_t reason = app->link.reset_reason;
  bool unpowered = reason == RESET_REASON_POWER_ON || reason == RESET_REASON_BROWN_OUT;
  unsigned rights = VISIT_BY_RIGHT | (unpowered ? 0u : VISIT_RELEASED);
  bool by_right = open && (stored->flags & rights) != 0;
  if (!fw_same(stored->visit, nobody, VISIT_LENGTH)) {
    bool was_opened = by_right || (stored->flags & VISIT_OPENED) != 0;
    if ((stored->flags & VISIT_RELEASED) != 0)
      stored->relock_reason = reason == RESET_REASON_BROWN_OUT ? RELOCK_REASON_BROWN_OUT : RELOCK_REASON_RESET;
    if (was_opened) tell_opened(app, stored->visit);
    if (was_opened && !by_right) tell_closed(app, stored->visit);
    tell_relocked(app, stored->visit, (enum relock_reason)stored->relock_reason);
    if (by_right) fw_copy(app->lock.visit, stored->visit, VISIT_LENGTH);
    stored->flags = (uint8_t)((stored->flags & ~(unsigned)VISIT_RELEASED) | (was_opened ? VISIT_OPENED : 0));
  }
  app->door.by_right = by_right;
  bool was_forced = (stored->flags & VISIT_FORCED) != 0;
  bool forced = open && !by_right;
  if ((stored->flags & VISIT_UNTOLD) != 0 || (forced && !was_forced)) {
    stored->flags |= VISIT_UNTOLD;
    tell_tamper(app);
  }
  if (was_forced && !open) tell_closed(app, nobody);
  unsigned now = (unsigned)stored->flags & ~(unsigned)(VISIT_BY_RIGHT | VISIT_FORCED);
  stored->flags = (uint8_t)(now | (by_right ? VISIT_BY_RIGHT : 0u) | (forced ? VISIT_FORCED : 0u));
  if (before.flags != stored->flags || before.relock_reason != stored->relock_reason) remember(app);
}

int app_init(struct app *app, const struct hal *hal) {
  fw_zero(app, sizeof *app);
  app->hal = hal;
  lock_begin(&app->lock);
  app->drive_failed = hal->lock_drive(hal->self, false) < 0;
  app->now_ms = app->boot_ms = hal->now_ms(hal->self);
  int linked = link_begin(&app->link, hal, commands_take, app);
  events_begin(&app->events);
  door_begin(&app->door, hal->door_open(hal->self), app->now_ms);
  shelves_begin(&app->shelves, hal, app->now_ms);
  climate_begin(&app->climate);
  climate_tick(&app->climate, hal, app->now_ms);
  power_begin(&app->power, app->now_ms);
  power_tick(&app->power, hal, app->now_ms);
  app->storage_damaged = store_read_visit(hal, &app->stored) < 0;
  if (app->stored.relock_reason >= RELOCK_REASON_COUNT) app->stored.relock_reason = RELOCK_REASON_RESET;
  tell_interrupted(app);
  hal->signal(hal->self, app->shown_signal);
  return linked;
}

/* Once the Pi has taken everything, a reset has nothing left to tell. */
static void forget_told(struct app *app) {
  if (app->storage_failed && since(app->now_ms, app->stored_ms) >= STORE_AGAIN_MS) remember(app);
  if (app->events.count > 0) return;
  bool over = !lock_released(&app->lock) && !app->door.open;
  if (over && !fw_same(app->stored.visit, nobody, VISIT_LENGTH)) {
    fw_zero(app->stored.visit, VISIT_LENGTH);
    app->stored.flags = 0;
    remember(app);
  }
  set_flags(app, 0, over ? 0xffu : VISIT_UNTOLD);
}

void app_show(struct app *app) {
  bool alone = app->link.silent && app_uptime(app) >= LINK_SILENT_MS;
  uint8_t pattern = alone ? SIGNAL_ERROR : app->wanted_signal;
  if (app->door.open && app->door.told_seconds == 60) pattern = SIGNAL_ASK_CLOSE;
  if (app->door.open && app->door.told_seconds == 120) pattern = SIGNAL_ALERT;
  if (pattern == app->shown_signal) return;
  app->shown_signal = pattern;
  app->hal->signal(app->hal->self, pattern);
}

static void tick_weights(struct app *app) {
  if (shelves_tick(&app->shelves, app->hal, app->now_ms)) tell_settled(app);
  bool busy = app->door.open || app->shelves.changed;
  if (app->link.silent || since(app->now_ms, app->weights_ms) < (busy ? WEIGHTS_BUSY_MS : WEIGHTS_IDLE_MS)) return;
  app->weights_ms = app->now_ms;
  tell_weights(app);
}

void app_tick(struct app *app) {
  enum relock_reason reason;
  app->now_ms = app->hal->now_ms(app->hal->self);
  link_tick(&app->link, app->now_ms);
  power_tick(&app->power, app->hal, app->now_ms);
  climate_tick(&app->climate, app->hal, app->now_ms);
  app_watch_door(app);
  struct lock_in in = app_lock_in(app);
  if (lock_tick(&app->lock, &in, &reason)) app_locked(app, reason);
  else (void)app_drive(app);
  uint8_t seconds = door_left_open(&app->door, app->now_ms);
  if (seconds > 0) tell_left_open(app, seconds);
  tick_weights(app);
  events_send(&app->events, &app->link, app->now_ms, false);
  forget_told(app);
  app_show(app);
}

void app_receive(struct app *app, const uint8_t *bytes, size_t length) {
  app->now_ms = app->hal->now_ms(app->hal->self);
  link_receive(&app->link, bytes, length);
}
