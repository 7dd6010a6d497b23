/* door.h - the door contact, debounced, and how long the door has stood open (laws D3, D4; SPEC F34-F36).
 * Holds always: an opening counts as by right only when the lock was released as the contact opened. */
#ifndef VISIONVEND_DOOR_H
#define VISIONVEND_DOOR_H

#include "fw.h"
#include "messages.gen.h"

enum door_change { DOOR_SAME, DOOR_OPENED, DOOR_FORCED, DOOR_CLOSED };

struct door {
  bool open;         /* believed */
  bool contact_open; /* as last sampled */
  bool by_right;     /* the lock was released as the contact opened, in the opening under way or happened */
  uint32_t edge_ms;  /* when the contact last changed */
  uint32_t opened_ms;
  uint8_t told_seconds; /* 0, 60 or 120: how long open was told */
};

/* The first sample is believed: what the door did while the controller was off can't be known. */
void door_begin(struct door *door, bool contact_open, uint32_t now_ms);

enum door_change door_sample(struct door *door, bool contact_open, bool lock_released, uint32_t now_ms);

/* Whether the contact says what is not believed yet: open, or anything while it bounces. */
bool door_moving(const struct door *door, uint32_t now_ms);

/* Whether an opening by right is under way. */
bool door_opening(const struct door *door, uint32_t now_ms);

/* Believes an opening at once, without waiting for the bounces to end. */
void door_believe_open(struct door *door);

/* 60 or 120 on the tick on which the door has been open so long, else 0. */
uint8_t door_left_open(struct door *door, uint32_t now_ms);

#endif
