/* shelves.h - the fridge's scales together: when a change has come to rest and must be told (SPEC F42-F44).
 * Holds always: after the door closed, the weights are told once they rest, and at the latest after SETTLE_GIVE_UP_MS.
 * Called by app.c and commands.c. */
#ifndef VISIONVEND_SHELVES_H
#define VISIONVEND_SHELVES_H

#include "hal.h"
#include "scale.h"

struct shelves {
  struct scale shelf[SHELF_COUNT];
  uint8_t faulty; /* bit n: shelf n */
  bool changed;   /* something moved, and that it came to rest is not told yet */
  bool closing;   /* since closed_ms the door is closed, and its weights are not told yet */
  bool doubted;   /* since it closed rest was begun anew: a slam is not to be taken for more of an old rest */
  uint32_t closed_ms;
  bool damaged;   /* the stored calibration can't be read, or written */
};

/* Reads the calibration; without one the defaults hold. */
void shelves_begin(struct shelves *shelves, const struct hal *hal, uint32_t now_ms);

void shelves_door(struct shelves *shelves, bool open, uint32_t now_ms);

/* Reads every scale. True when the weights have come to rest (or are given up on) and must be told. */
bool shelves_tick(struct shelves *shelves, const struct hal *hal, uint32_t now_ms);

uint8_t shelves_at_rest(const struct shelves *shelves);

/* What the shelf carries now becomes its zero. */
enum outcome shelves_tare(struct shelves *shelves, const struct hal *hal, uint8_t shelf);

/* What the tared shelf carries now weighs `reference_decigrams`. */
enum outcome shelves_calibrate(struct shelves *shelves, const struct hal *hal, uint8_t shelf, uint32_t reference_decigrams);

#endif
