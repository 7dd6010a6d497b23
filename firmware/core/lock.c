#include "lock.h"

void lock_begin(struct lock *lock) {
  fw_zero(lock, sizeof *lock);
  lock->state = LOCK_STATE_LOCKED;
}

bool lock_released(const struct lock *lock) {
  return lock->state != LOCK_STATE_LOCKED;
}

bool lock_unlock(struct lock *lock, const struct lock_in *in, const uint8_t visit[VISIT_LENGTH], uint32_t open_timeout_ms,
                 enum refusal_reason *refusal) {
  if (in->power_low) {
    *refusal = REFUSAL_REASON_LOW_POWER;
    return false;
  }
  if (in->door_open || in->door_moving) {
    *refusal = REFUSAL_REASON_DOOR_OPEN;
    return false;
  }
  if (lock->state != LOCK_STATE_LOCKED) {
    *refusal = REFUSAL_REASON_BUSY;
    return false;
  }
  lock->state = LOCK_STATE_UNLOCKED;
  fw_copy(lock->visit, visit, VISIT_LENGTH);
  lock->unlocked_ms = in->now_ms;
  lock->held_off = false;
  lock->open_timeout_ms = open_timeout_ms < OPEN_TIMEOUT_MAX_MS ? open_timeout_ms : OPEN_TIMEOUT_MAX_MS;
  return true;
}

bool lock_relock(struct lock *lock) {
  bool was_released = lock_released(lock);
  lock->state = LOCK_STATE_LOCKED;
  return was_released;
}

/* Unlocked and not yet opened. A contact that moves holds a relock off, or a shopper who pulled at the last moment would
 * be called a burglar; but not for long, or a broken contact would keep the door unlocked. */
static bool relock_due(struct lock *lock, const struct lock_in *in, enum relock_reason *reason) {
  if (in->link_silent) *reason = RELOCK_REASON_LINK_SILENT;
  else if (since(in->now_ms, lock->unlocked_ms) >= lock->open_timeout_ms) *reason = RELOCK_REASON_NOT_OPENED;
  else return false;
  if (!in->door_moving) return true;
  if (!lock->held_off) {
    lock->held_off = true;
    lock->held_off_ms = in->now_ms;
  }
  return since(in->now_ms, lock->held_off_ms) >= DOOR_GRACE_MS;
}

bool lock_tick(struct lock *lock, const struct lock_in *in, enum relock_reason *reason) {
  if (in->power_low) {
    *reason = RELOCK_REASON_BROWN_OUT;
    return lock_relock(lock);
  }
  switch (lock->state) {
    case LOCK_STATE_UNLOCKED:
      if (in->door_open) lock->state = LOCK_STATE_OPEN;
      else if (relock_due(lock, in, reason)) return lock_relock(lock);
      return false;
    case LOCK_STATE_OPEN:
      if (in->door_open) return false;
      *reason = RELOCK_REASON_DOOR_CLOSED;
      return lock_relock(lock);
    case LOCK_STATE_LOCKED:
    case LOCK_STATE_COUNT:
      return false;
  }
  return false;
}
