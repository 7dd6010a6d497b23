#include "door.h"

void door_begin(struct door *door, bool contact_open, uint32_t now_ms) {
  fw_zero(door, sizeof *door);
  door->open = contact_open;
  door->contact_open = contact_open;
  door->edge_ms = now_ms - DOOR_DEBOUNCE_MS;
  door->opened_ms = now_ms;
}

bool door_moving(const struct door *door, uint32_t now_ms) {
  return !door->open && (door->contact_open || since(now_ms, door->edge_ms) < DOOR_DEBOUNCE_MS);
}

bool door_opening(const struct door *door, uint32_t now_ms) {
  return door->by_right && door_moving(door, now_ms);
}

void door_believe_open(struct door *door) {
  door->open = true;
  door->opened_ms = door->edge_ms;
  door->told_seconds = 0;
}

enum door_change door_sample(struct door *door, bool contact_open, bool lock_released, uint32_t now_ms) {
  if (contact_open != door->contact_open) {
    /* The lock does not change while the contact moves (lock.c), but for a relock, which believes the opening first. */
    if (contact_open && !door->open) door->by_right = lock_released;
    door->contact_open = contact_open;
    door->edge_ms = now_ms;
  }
  if (door->contact_open == door->open || since(now_ms, door->edge_ms) < DOOR_DEBOUNCE_MS) return DOOR_SAME;
  door->open = door->contact_open;
  if (!door->open) {
    door->by_right = false;
    return DOOR_CLOSED;
  }
  door_believe_open(door);
  return door->by_right ? DOOR_OPENED : DOOR_FORCED;
}

uint8_t door_left_open(struct door *door, uint32_t now_ms) {
  if (!door->open) return 0;
  uint32_t open_ms = since(now_ms, door->opened_ms);
  if (door->told_seconds < 60 && open_ms >= ASK_CLOSE_MS) return door->told_seconds = 60;
  if (door->told_seconds == 60 && open_ms >= ALERT_MS) return door->told_seconds = 120;
  return 0;
}
