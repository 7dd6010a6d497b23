/* lock.h - the lock's state machine (laws D1, D2; SPEC F26-F33).
 * No clock, no I/O: time and the world come in. Holds always: released only in LOCK_STATE_UNLOCKED and LOCK_STATE_OPEN;
 * every way back to LOCK_STATE_LOCKED needs nothing from the link. Called by app.c and commands.c. */
#ifndef VISIONVEND_LOCK_H
#define VISIONVEND_LOCK_H

#include "fw.h"
#include "messages.gen.h"

#define VISIT_LENGTH 16u

struct lock {
  enum lock_state state;
  uint8_t visit[VISIT_LENGTH]; /* zeros when locked and the door is closed */
  uint32_t unlocked_ms;
  uint32_t open_timeout_ms;
  bool held_off; /* since held_off_ms a relock is due, and the door's contact moves */
  uint32_t held_off_ms;
};

/* What the lock must know of the world. */
struct lock_in {
  uint32_t now_ms;
  bool door_open;     /* believed: debounced */
  bool door_moving;   /* the contact says open, or has just changed: it is not believed yet */
  bool link_silent;
  bool power_low;
};

void lock_begin(struct lock *lock);

/* Whether current flows through the lock's release. */
bool lock_released(const struct lock *lock);

/* Unlocks for a visit for at most `open_timeout_ms` (never more than OPEN_TIMEOUT_MAX_MS). True, or false with the
 * refusal_reason. */
bool lock_unlock(struct lock *lock, const struct lock_in *in, const uint8_t visit[VISIT_LENGTH], uint32_t open_timeout_ms,
                 enum refusal_reason *refusal);

/* Locks at once. True when it was released. */
bool lock_relock(struct lock *lock);

/* Moves on with time and the world. True when the lock closed, with the relock_reason. */
bool lock_tick(struct lock *lock, const struct lock_in *in, enum relock_reason *reason);

#endif
