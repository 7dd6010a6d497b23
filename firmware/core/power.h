/* power.h - the 12 V supply: notices a brown-out before the lock and the logic fail (law D2; SPEC F46).
 * Holds always: low at the third low reading in a row; good again only after a whole second above the upper limit. */
#ifndef VISIONVEND_POWER_H
#define VISIONVEND_POWER_H

#include "hal.h"
#include "messages.gen.h"

struct power {
  bool low;
  uint16_t millivolts;
  uint8_t low_readings;
  uint32_t good_since_ms;
};

void power_begin(struct power *power, uint32_t now_ms);
void power_tick(struct power *power, const struct hal *hal, uint32_t now_ms);

#endif
