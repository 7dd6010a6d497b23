/* store.h - the two records that outlive a reset: the visit under way and the scales' calibration (SPEC F47-F48).
 * Each is one small blob with a magic number and a CRC-32 in its own slot, so that damage to one never costs the other.
 * Reads return 1 when there is a record, 0 when there is none, FW_ERR_STORAGE when it is damaged or can't be read. */
#ifndef VISIONVEND_STORE_H
#define VISIONVEND_STORE_H

#include "hal.h"
#include "lock.h"

/* What was going on, and what the Pi may not have been told: all that a reset must not forget. */
enum visit_flags {
  VISIT_RELEASED = 0x1, /* the lock is released */
  VISIT_BY_RIGHT = 0x2, /* the door is open by right */
  VISIT_OPENED = 0x4,   /* the door was opened by right in this visit */
  VISIT_FORCED = 0x8,   /* the door is open without right */
  VISIT_UNTOLD = 0x10,  /* a Tamper is not acknowledged yet */
};

struct stored_visit {
  uint8_t flags;
  uint8_t relock_reason;
  uint8_t visit[VISIT_LENGTH]; /* zeros: no visit, or all of it is told */
};

struct stored_scales {
  int32_t offset[SHELF_COUNT];
  int32_t counts_per_kg[SHELF_COUNT];
};

int store_read_visit(const struct hal *hal, struct stored_visit *visit);
int store_write_visit(const struct hal *hal, const struct stored_visit *visit);
int store_read_scales(const struct hal *hal, struct stored_scales *scales);
int store_write_scales(const struct hal *hal, const struct stored_scales *scales);

#endif
